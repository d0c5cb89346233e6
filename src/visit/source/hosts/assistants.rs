//! AI assistants that answer people and link to what they have read. Search engines that print an
//! answer above their results are no assistants: AI Overviews and AI Mode stay organic search.

/// Hosts; everything below them counts. `name.*` is the name before any public suffix.
#[rustfmt::skip]
pub(super) const HOSTS: &[&str] = &[
    "ai.baidu.com", "alice.yandex.ru", "andisearch.com", "app.jasper.ai", "app.writesonic.com",
    "bard.google.*", "character.ai", "chat.baidu.com", "chat.deepseek.com", "chat.lmsys.org",
    "chat.mistral.ai", "chat.openai.com", "chat.qwen.ai", "chat.z.ai", "chatglm.cn", "chatgpt.com",
    "chatplus.com", "claude.ai", "copilot.cloud.microsoft", "copilot.com", "copilot.microsoft.com",
    "doubao.com", "duck.ai", "edgeservices.bing.com", "felo.ai", "gemini.google.*", "genspark.ai",
    "getliner.com", "giga.chat", "grok.com", "hix.ai", "hunyuan.tencent.com", "iask.ai", "kimi.ai",
    "kimi.com", "kimi.moonshot.cn", "komo.ai", "labs.openai.com", "liner.com", "lmarena.ai",
    "lumo.proton.me", "m365.cloud.microsoft", "manus.im", "meta.ai", "metaso.cn", "monica.im",
    "notebooklm.google.*", "perplexity.ai", "phind.com", "pi.ai", "poe.com", "pplx.ai", "qwen.ai",
    "sider.ai", "tongyi.aliyun.com", "venice.ai", "yiyan.baidu.com", "you.com",
    "yuanbao.tencent.com",
];

/// Names as marketers and assistants write them into `utm_source`.
#[rustfmt::skip]
pub(super) const NAMES: &[&str] = &[
    "anthropic", "bard", "bing-chat", "bing-copilot", "bing_copilot", "bingchat", "chat gpt",
    "chat-gpt", "chat_gpt", "chatgpt", "claude", "copilot", "deepseek", "doubao", "duck-ai",
    "duckai", "ernie", "gemini", "google-gemini", "google_gemini", "gpt", "grok", "kimi", "le-chat",
    "lechat", "meta ai", "meta-ai", "meta_ai", "metaai", "microsoft-copilot", "microsoft_copilot",
    "mistral", "notebooklm", "open-ai", "openai", "perplexity", "perplexity-ai", "phind", "poe",
    "pplx", "qwen",
];
