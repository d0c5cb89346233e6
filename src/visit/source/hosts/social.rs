//! Social networks, forums and blogs where people share links. Reviews of businesses count too, as in
//! GA4's list. Video sites and messengers for mail have tables of their own.

/// Hosts; everything below them counts. `name.*` is the name before any public suffix.
#[rustfmt::skip]
pub(super) const HOSTS: &[&str] = &[
    "5ch.net", "9gag.com", "ameba.jp", "ameblo.jp", "answers.yahoo.com", "artstation.com",
    "askubuntu.com", "badoo.com", "band.us", "behance.net", "bereal.com", "bitcoinhackers.org",
    "blog.naver.com", "blogger.com", "blogspot.ca", "blogspot.co.uk", "blogspot.com",
    "blogspot.com.br", "blogspot.com.es", "blogspot.de", "blogspot.fr", "blogspot.in",
    "blogspot.it", "blogspot.jp", "botsin.space", "bsky.app", "bsky.social", "c.im",
    "cafe.daum.net", "cafe.naver.com", "care2.com", "chaos.social", "chiebukuro.yahoo.co.jp",
    "clubhouse.com", "cybre.space", "deck.blue", "deviantart.com", "digg.com", "discord.com",
    "discord.gg", "discordapp.com", "disqus.com", "douban.com", "douyin.com", "draugiem.lv",
    "dribbble.com", "facebook.com", "fb.com", "fb.gg", "fb.me", "fb.watch", "feddit.de",
    "feddit.org", "flic.kr", "flickr.com", "flipboard.com", "fosstodon.org", "foursquare.com",
    "friendster.com", "front-end.social", "gab.com", "gaiaonline.com", "getpocket.com", "gettr.com",
    "goodreads.com", "graphics.social", "gree.jp", "groups.google.com", "gutefrage.net",
    "hachyderm.io", "hatena.ne.jp", "hatenablog.com", "hi5.com", "hootsuite.com", "houzz.com",
    "ig.me", "imgur.com", "indieweb.social", "infosec.exchange", "instagr.am", "instagram.com",
    "instapaper.com", "kakao.com", "kbin.social", "kin.naver.com", "kooapp.com", "kuaishou.com",
    "lang-8.com", "lemmy.ml", "lemmy.world", "lemon8-app.com", "letterboxd.com", "line.me",
    "linkedin.com", "livejournal.com", "livejournal.ru", "lnkd.in", "lobste.rs", "m.me", "mamot.fr",
    "mas.to", "masto.ai", "mastodon.art", "mastodon.cloud", "mastodon.eus", "mastodon.nz",
    "mastodon.online", "mastodon.scot", "mastodon.social", "mastodon.world", "mastodon.xyz",
    "mastodonapp.uk", "medium.com", "meetup.com", "messenger.com", "metapixl.com", "mewe.com",
    "minds.com", "mix.com", "mixi.jp", "mstdn.io", "mstdn.jp", "mstdn.party", "mstdn.social",
    "my.mail.ru", "myspace.com", "news.ycombinator.com", "newsie.social", "nextdoor.*", "nk.pl",
    "note.com", "odnoklassniki.ru", "odnoklassniki.ua", "ohai.social", "ok.ru", "paper.li",
    "parler.com", "pawoo.net", "peepeth.com", "pin.it", "pinimg.com", "pinterest.*", "pixelfed.de",
    "pixelfed.social", "pixelfed.uno", "pixey.org", "pixiv.net", "plurk.com", "plus.google.com",
    "plus.url.google.com", "pocket.co", "pxlmo.com", "quora.com", "qzone.qq.com", "redd.it",
    "reddit.com", "renren.com", "scoop.it", "scribd.com", "serverfault.com", "sfba.social",
    "sharechat.com", "sites.google.com", "skyfeed.app", "skyrock.com", "slashdot.org",
    "slideshare.net", "snapchat.com", "social.tchncs.de", "social.vivaldi.net", "stackexchange.com",
    "stackoverflow.com", "stumbleupon.com", "substack.com", "superuser.com", "swarmapp.com", "t.cn",
    "t.co", "t.me", "t.umblr.com", "tagged.com", "taringa.net", "techhub.social", "telegram.me",
    "telegram.org", "threads.com", "threads.net", "tieba.baidu.com", "tiktok.com", "tiktokv.com",
    "tkm.eus", "toot.community", "tripadvisor.*", "troet.cafe", "trustpilot.com", "truthsocial.com",
    "tumblr.com", "twimg.com", "twitter.com", "typepad.com", "typo.social", "universeodon.com",
    "v2ex.com", "viadeo.com", "viber.com", "vis.social", "vk.com", "vk.ru", "vkontakte.ru", "wa.me",
    "wattpad.com", "wechat.com", "weibo.cn", "weibo.com", "weixin.qq.com", "whatsapp.com",
    "whatsapp.net", "wordpress.com", "workplace.com", "wykop.pl", "x.com", "xhslink.com",
    "xiaohongshu.com", "xing.com", "yammer.com", "yelp.*", "zalo.me", "zhidao.baidu.com",
    "zhihu.com",
];

/// Names as marketers write them into `utm_source`.
#[rustfmt::skip]
pub(super) const NAMES: &[&str] = &[
    "bluesky", "bsky", "discord", "facebook", "facebook-ads", "facebook-business",
    "facebook/instagram", "facebook_ads", "facebook_instagram", "facebookads", "fb", "fb-ads",
    "fb_ads", "fbads", "ig", "insta", "instagram", "instagram-ads", "instagram_ads", "instagramads",
    "line", "linkedin", "linkedin-ads", "linkedin_ads", "linkedinads", "mastodon", "messenger",
    "meta", "meta-ads", "meta_ads", "metaads", "nextdoor", "pinterest", "pinterest-ads",
    "pinterest_ads", "pinterestads", "quora", "reddit", "reddit-ads", "reddit_ads", "redditads",
    "snap", "snapchat", "snapchat-ads", "snapchat_ads", "snapchatads", "telegram", "threads",
    "tik-tok", "tik_tok", "tiktok", "tiktok-ads", "tiktok_ads", "tiktokads", "tumblr", "twitter",
    "twitter-ads", "twitter_ads", "twitterads", "vk", "wechat", "weibo", "whatsapp", "x", "x-ads",
    "x_ads", "xads", "xing", "yelp",
];
