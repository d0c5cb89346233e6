//! Marketplaces, price comparisons and shopping portals. Checkouts are refused: they are gateways.

/// Hosts; everything below them counts. `name.*` is the name before any public suffix.
#[rustfmt::skip]
pub(super) const HOSTS: &[&str] = &[
    "11st.co.kr", "1688.com", "a.co", "alibaba.com", "aliexpress.*", "allegro.*", "amazon.*",
    "amzn.eu", "amzn.to", "arukereso.hu", "auctions.yahoo.co.jp", "banggood.com", "become.com",
    "billiger.de", "bizrate.*", "bol.com", "bukalapak.com", "catch.com.au", "cdiscount.com",
    "ceneo.pl", "check24.de", "connexity.com", "coupang.com", "danawa.com", "depop.com",
    "dhgate.com", "ebay.*", "ebay.us", "emag.*", "etsy.com", "etsy.me", "flipkart.com", "fnac.com",
    "fruugo.*", "geizhals.*", "gmarket.co.kr", "guenstiger.de", "hepsiburada.com", "heureka.*",
    "idealo.*", "item.rakuten.co.jp", "jd.com", "jumia.*", "kakaku.com", "kaufland.de", "kelkoo.*",
    "kogan.com", "lazada.*", "leguide.com", "manomano.*", "market.yandex.*", "meesho.com",
    "mercadolibre.*", "mercadolivre.com.br", "mercari.com", "myntra.com", "n11.com", "newegg.com",
    "nextag.com", "noon.com", "onbuy.com", "otto.de", "overstock.com", "ozon.ru", "pinduoduo.com",
    "poshmark.com", "preis.de", "pricecheck.co.za", "pricegrabber.com", "pricerunner.*",
    "pricespy.*", "prisjakt.no", "prisjakt.nu", "qoo10.*", "rakuten.com", "reverb.com", "shein.*",
    "shop.app", "shopee.*", "shopify.com", "shopping.com", "shopping.google.*",
    "shopping.naver.com", "shopping.net", "shopping.yahoo.co.jp", "shopping.yahoo.com",
    "shopzilla.*", "simplycodes.com", "skapiec.pl", "slickdeals.net", "smartstore.naver.com",
    "snapdeal.com", "stockx.com", "takealot.com", "taobao.com", "target.com", "temu.com",
    "tmall.com", "tokopedia.com", "trademe.co.nz", "trendyol.com", "trovaprezzi.it", "twenga.*",
    "vinted.*", "walmart.com", "wayfair.*", "wildberries.ru", "wish.com", "yangkeduo.com",
    "zalando.*", "zbozi.cz", "zozo.jp",
];

/// Names as marketers write them into `utm_source`.
#[rustfmt::skip]
pub(super) const NAMES: &[&str] = &[
    "alibaba", "aliexpress", "amazon", "amazon-ads", "amazon_ads", "amazonads", "connexity", "ebay",
    "etsy", "google shopping", "google-merchant", "google-shopping", "google.shopping",
    "google_merchant", "google_shopping", "googleshopping", "idealo", "igshopping", "kelkoo",
    "pricerunner", "shopify", "shopzilla", "temu", "walmart",
];
