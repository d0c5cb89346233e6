//! Video sites and streaming services.

/// Hosts; everything below them counts.
#[rustfmt::skip]
pub(super) const HOSTS: &[&str] = &[
    "b23.tv", "bilibili.com", "bitchute.com", "coub.com", "crackle.com", "curiositystream.com",
    "d.tube", "dai.ly", "dailymotion.com", "disneyplus.com", "dlive.tv", "floatplane.com",
    "hulu.com", "iq.com", "iqiyi.com", "justin.tv", "kick.com", "loom.com", "metacafe.com",
    "nebula.tv", "netflix.com", "nicovideo.jp", "odysee.com", "peertube.tv", "playeur.com",
    "pluto.tv", "primevideo.com", "rumble.com", "rutube.ru", "streamable.com", "ted.com",
    "trovo.live", "tubitv.com", "tudou.com", "tv.naver.com", "twitcasting.tv", "twitch.tv",
    "utreon.com", "v.qq.com", "veoh.com", "vevo.com", "viddler.com", "video.ibm.com", "vidyard.com",
    "vimeo.com", "wistia.com", "wistia.net", "youku.com", "youtu.be", "youtube-nocookie.com",
    "youtube.com", "youtubekids.com",
];

/// Names as marketers write them into `utm_source`.
#[rustfmt::skip]
pub(super) const NAMES: &[&str] = &[
    "bilibili", "dailymotion", "hulu", "netflix", "rumble", "twitch", "vimeo", "wistia", "you-tube",
    "youtube", "youtube-ads", "youtube_ads", "youtubeads", "yt",
];
