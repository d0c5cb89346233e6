//! The sources that GA4 sorts into a category, by GA4's own list; it owns no judgement of ours. A
//! source counts when it is on the list as a whole string, so `m.example.com` is not `example.com`.
//!
//! Source: Google Analytics help, answer 9756891, the list of sources and their categories, written
//! here in lower case. The `…_TWICE` arrays save a line for each pair such as `digg` and `digg.com`.

/// Sources of the category "search", each as it is.
#[rustfmt::skip]
pub(super) const SEARCH: &[&str] = &[
    "360.cn", "alice", "aol", "ar.search.yahoo.com", "ask", "at.search.yahoo.com",
    "au.search.yahoo.com", "auone", "avg", "babylon", "baidu", "biglobe", "biglobe.co.jp",
    "biglobe.ne.jp", "bing", "br.search.yahoo.com", "ca.search.yahoo.com", "centrum.cz",
    "ch.search.yahoo.com", "cl.search.yahoo.com", "cn.bing.com", "cnn", "co.search.yahoo.com",
    "comcast", "conduit", "daum", "daum.net", "de.search.yahoo.com", "dk.search.yahoo.com",
    "duckduckgo", "ecosia.org", "email.seznam.cz", "eniro", "es.search.yahoo.com",
    "espanol.search.yahoo.com", "exalead.com", "excite.com", "fi.search.yahoo.com", "firmy.cz",
    "fr.search.yahoo.com", "globo", "go.mail.ru", "google", "google-play", "hk.search.yahoo.com",
    "id.search.yahoo.com", "in.search.yahoo.com", "incredimail", "it.search.yahoo.com", "kvasir",
    "lens.google.com", "lite.qwant.com", "lycos", "m.baidu.com", "m.naver.com",
    "m.search.naver.com", "m.sogou.com", "mail.rambler.ru", "mail.yandex.ru",
    "malaysia.search.yahoo.com", "mx.search.yahoo.com", "najdi", "news.google.com",
    "nl.search.yahoo.com", "no.search.yahoo.com", "ntp.msn.com", "nz.search.yahoo.com", "onet",
    "onet.pl", "pe.search.yahoo.com", "ph.search.yahoo.com", "pl.search.yahoo.com",
    "play.google.com", "rakuten", "rakuten.co.jp", "rambler", "rambler.ru", "se.search.yahoo.com",
    "search-results", "search.aol.co.uk", "search.aol.com", "search.google.com",
    "search.smt.docomo.ne.jp", "search.ukr.net", "secureurl.ukr.net", "seznam", "seznam.cz",
    "sg.search.yahoo.com", "so.com", "sp-web.search.auone.jp", "startsiden", "startsiden.no",
    "suche.aol.de", "terra", "th.search.yahoo.com", "tr.search.yahoo.com", "tut.by",
    "tw.search.yahoo.com", "uk.search.yahoo.com", "ukr", "us.search.yahoo.com", "virgilio",
    "vn.search.yahoo.com", "wap.sogou.com", "webmaster.yandex.ru", "websearch.rakuten.co.jp",
    "yahoo.co.jp", "yandex.by", "yandex.com.tr", "yandex.fr", "yandex.kz", "yandex.ru", "yandex.ua",
    "yandex.uz", "zen.yandex.ru",
];

/// Sources of the category "search" that count with `.com` and without it.
#[rustfmt::skip]
pub(super) const SEARCH_TWICE: &[&str] = &[
    "dogpile.com", "msn.com", "naver.com", "qwant.com", "sogou.com", "yahoo.com", "yandex.com",
];

/// Sources of the category "shopping", each as it is.
#[rustfmt::skip]
pub(super) const SHOPPING: &[&str] = &[
    "aax-us-east.amazon-adsystem.com", "aax.amazon-adsystem.com", "amazon.co.uk",
    "apps.shopify.com", "checkout.shopify.com", "checkout.stripe.com", "cr.shopping.naver.com",
    "cr2.shopping.naver.com", "ebay.co.uk", "ebay.com.au", "ebay.de", "google shopping",
    "igshopping", "m.alibaba.com", "m.shopping.naver.com", "mercadolibre.com.ar",
    "mercadolibre.com.mx", "message.alibaba.com", "msearch.shopping.naver.com", "nl.shopping.net",
    "no.shopping.net", "offer.alibaba.com", "one.walmart.com", "order.shopping.yahoo.co.jp",
    "partners.shopify.com", "s3.amazonaws.com", "se.shopping.net", "shop.app", "shopping.naver.com",
    "shopping.yahoo.co.jp", "shopping.yahoo.com", "simplycodes.com", "store.shopping.yahoo.co.jp",
    "uk.shopping.net",
];

/// Sources of the category "shopping" that count with `.com` and without it.
#[rustfmt::skip]
pub(super) const SHOPPING_TWICE: &[&str] = &[
    "alibaba.com", "amazon.com", "ebay.com", "etsy.com", "mercadolibre.com", "shopify.com",
    "shopzilla.com", "stripe.com", "walmart.com",
];

/// Sources of the category "social", each as it is.
#[rustfmt::skip]
pub(super) const SOCIAL: &[&str] = &[
    "51.com", "5ch.net", "academia.edu", "airg.ca", "allnurses.com", "allrecipes.com", "ameba.jp",
    "ameblo.jp", "amp.reddit.com", "ancestry.com", "answers.yahoo.com", "apps.facebook.com",
    "ar.pinterest.com", "artstation.com", "asmallworld.com", "away.vk.com", "awe.sm",
    "b.hatena.ne.jp", "babyblog.ru", "biip.no", "biswap.org", "bit.ly", "blackcareernetwork.com",
    "blip.fm", "blog.com", "blog.feedspot.com", "blog.goo.ne.jp", "blog.naver.com",
    "blog.yahoo.co.jp", "blogg.no", "bloggang.com", "blogs.com", "bookmarks.yahoo.co.jp",
    "bookmarks.yahoo.com", "br.pinterest.com", "business.facebook.com", "cafe.naver.com",
    "canalblog.com", "care.com", "caringbridge.org", "cbnt.io", "centerblog.net", "chat.zalo.me",
    "chegg.com", "chiebukuro.yahoo.co.jp", "co.pinterest.com", "copainsdavant.linternaute.com",
    "couchsurfing.org", "cross.tv", "cz.pinterest.com", "d.hatena.ne.jp", "dailystrength.org",
    "deluxe.com", "discover.hubpages.com", "draft.blogger.com", "draugiem.lv", "edublogs.org",
    "epicurious.com", "everforo.com", "exblog.jp", "fandom.com", "fb", "fb.me", "feedspot",
    "forums.androidcentral.com", "forums.crackberry.com", "forums.imore.com", "forums.nexopia.com",
    "forums.webosnation.com", "forums.wpcentral.com", "free.facebook.com", "fruehstueckstreff.org",
    "gather.com", "geni.com", "getpocket.com", "goldenline.pl", "goo.gl", "gooblog", "google+",
    "googlegroups.com", "googleplus", "gree.jp", "groups.google.com", "gulli.com", "gutefrage.net",
    "hatena", "hr.com", "hu.pinterest.com", "hubpages.com", "hyves.net", "hyves.nl",
    "id.pinterest.com", "identi.ca", "ig", "imageshack.us", "in.pinterest.com", "internations.org",
    "interpals.net", "irc-galleria.net", "is.gd", "jappy.com", "jappy.de", "kaboodle.com",
    "kakaocorp.com", "kin.naver.com", "l.facebook.com", "l.instagram.com", "l.messenger.com",
    "last.fm", "lifestream.aol.com", "line", "line.me", "livedoor.com", "livedoorblog",
    "lm.facebook.com", "lnkd.in", "m.blog.naver.com", "m.cafe.naver.com", "m.facebook.com",
    "m.kin.naver.com", "m.vk.com", "m.yelp.com", "mbga.jp", "medium.com", "meetin.org",
    "meinvz.net", "meneame.net", "menuism.com", "messages.google.com", "messages.yahoo.co.jp",
    "mix.com", "mixi.jp", "mobile.facebook.com", "my.opera.com", "myanimelist.net",
    "news.ycombinator.com", "newsshowcase", "nexopia", "ngopost.org", "niconico", "nicovideo.jp",
    "nl.pinterest.com", "odnoklassniki.ru", "odnoklassniki.ua", "okwave.jp", "old.reddit.com",
    "oneworldgroup.org", "oshiete.goo.ne.jp", "out.reddit.com", "over-blog.com", "overblog.com",
    "paper.li", "partyflock.nl", "pinboard", "pinboard.in", "pinterest.at", "pinterest.ca",
    "pinterest.ch", "pinterest.cl", "pinterest.co.kr", "pinterest.co.uk", "pinterest.com.au",
    "pinterest.com.mx", "pinterest.de", "pinterest.es", "pinterest.fr", "pinterest.it",
    "pinterest.jp", "pinterest.nz", "pinterest.ph", "pinterest.pt", "pinterest.ru", "pinterest.se",
    "pixiv.net", "pl.pinterest.com", "playahead.se", "plus.google.com", "plus.url.google.com",
    "pocket.co", "pro.homeadvisor.com", "pulse.yahoo.com", "qzone.qq.com", "researchgate.net",
    "rtl.de", "scoop.it", "shareit", "shvoong.com", "sites.google.com", "skype", "slashdot.org",
    "slideshare.net", "smartnews.com", "social", "sociallife.com.br", "spaces.live.com",
    "ssense.com", "stardoll.com", "studivz.net", "suomi24.fi", "t.co", "t.me", "taringa.net",
    "touch.facebook.com", "tr.pinterest.com", "trustpilot", "twoo.com", "unblog.fr",
    "urbanspoon.com", "ushareit.com", "ushi.cn", "vg.no", "video.ibm.com", "vk.com", "vkontakte.ru",
    "web.facebook.com", "web.skype.com", "wer-weiss-was.de", "wiki.answers.com", "wikihow.com",
    "wikitravel.org", "woot.com", "wordpress.org", "yahoo-mbga.jp", "yelp.co.uk", "youroom.in",
    "za.pinterest.com", "zalo", "zoo.gr",
];

/// Sources of the category "social" that count with `.com` and without it.
#[rustfmt::skip]
pub(super) const SOCIAL_TWICE: &[&str] = &[
    "43things.com", "activerain.com", "activeworlds.com", "addthis.com", "alumniclass.com",
    "americantowns.com", "anobii.com", "answerbag.com", "aolanswers.com", "askubuntu.com",
    "athlinks.com", "baby-gaga.com", "badoo.com", "bebo.com", "beforeitsnews.com",
    "bharatstudent.com", "blackplanet.com", "blogger.com", "blogher.com", "bloglines.com",
    "blogsome.com", "blogspot.com", "blogster.com", "blurtit.com", "brightkite.com", "brizzly.com",
    "buzzfeed.com", "buzznet.com", "cafemom.com", "camospace.com", "care2.com", "catster.com",
    "cellufun.com", "chicagonow.com", "classmates.com", "classquest.com", "cocolog-nifty.com",
    "cozycot.com", "crunchyroll.com", "cyworld.com", "deviantart.com", "dianping.com", "digg.com",
    "diigo.com", "disqus.com", "dogster.com", "dol2day.com", "doostang.com", "dopplr.com",
    "douban.com", "drugs-forum.com", "dzone.com", "elftown.com", "extole.com", "facebook.com",
    "faceparty.com", "fanpop.com", "fark.com", "fc2.com", "feministing.com", "filmaffinity.com",
    "flickr.com", "flipboard.com", "folkdirect.com", "foodservice.com", "fotki.com", "fotolog.com",
    "foursquare.com", "friendfeed.com", "fubar.com", "gaiaonline.com", "gamerdna.com",
    "glassboard.com", "glassdoor.com", "godtube.com", "goldstar.com", "goodreads.com",
    "govloop.com", "gowalla.com", "habbo.com", "hi5.com", "hootsuite.com", "houzz.com",
    "hoverspot.com", "hubculture.com", "ibibo.com", "imageshack.com", "imvu.com",
    "insanejournal.com", "instagram.com", "instapaper.com", "intherooms.com", "italki.com",
    "jammerdirect.com", "kakao.com", "kaneva.com", "librarything.com", "linkedin.com", "listal.com",
    "listography.com", "livejournal.com", "meetup.com", "messenger.com", "mocospace.com",
    "mouthshut.com", "movabletype.com", "mubi.com", "myheritage.com", "mylife.com",
    "mymodernmet.com", "myspace.com", "netvibes.com", "nightlifelink.com", "ning.com",
    "onstartups.com", "opendiary.com", "photobucket.com", "pingsta.com", "pinterest.com",
    "plurk.com", "posterous.com", "qapacity.com", "quechup.com", "quora.com", "ravelry.com",
    "reddit.com", "redux.com", "renren.com", "reunion.com", "reverbnation.com", "ryze.com",
    "salespider.com", "screenrant.com", "scribd.com", "scvngr.com", "secondlife.com",
    "serverfault.com", "sharethis.com", "skyrock.com", "snapchat.com", "socialvibe.com",
    "spoke.com", "spruz.com", "stackapps.com", "stackexchange.com", "stackoverflow.com",
    "stickam.com", "superuser.com", "sweeva.com", "tagged.com", "taggedmail.com", "talkbiznow.com",
    "techmeme.com", "tencent.com", "tiktok.com", "tinyurl.com", "toolbox.com",
    "travellerspoint.com", "tripadvisor.com", "trombi.com", "tudou.com", "tuenti.com", "tumblr.com",
    "tweetdeck.com", "twitter.com", "typepad.com", "vampirefreaks.com", "vampirerave.com",
    "wakoopa.com", "wattpad.com", "webshots.com", "wechat.com", "weebly.com", "weibo.com",
    "weread.com", "whatsapp.com", "wordpress.com", "xanga.com", "xing.com", "yammer.com",
    "yelp.com", "zooppa.com",
];

/// Sources of the category "video", each as it is.
#[rustfmt::skip]
pub(super) const VIDEO: &[&str] = &[
    "blog.twitch.tv", "d.tube", "dashboard.twitch.tv", "fast.wistia.net", "help.hulu.com",
    "help.netflix.com", "id.twitch.tv", "iq.com", "jobs.netflix.com", "justin.tv", "m.twitch.tv",
    "m.youtube.com", "music.youtube.com", "player.twitch.tv", "player.vimeo.com", "twitch",
    "twitch.tv", "viadeo.journaldunet.com",
];

/// Sources of the category "video" that count with `.com` and without it.
#[rustfmt::skip]
pub(super) const VIDEO_TWICE: &[&str] = &[
    "crackle.com", "curiositystream.com", "dailymotion.com", "disneyplus.com", "hulu.com",
    "iqiyi.com", "netflix.com", "ted.com", "utreon.com", "veoh.com", "vimeo.com", "wistia.com",
    "youku.com", "youtube.com",
];
