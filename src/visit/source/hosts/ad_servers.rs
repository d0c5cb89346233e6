//! Ad servers: hosts of the frames in which display ads are shown and clicked.

/// Hosts; everything below them counts.
#[rustfmt::skip]
pub(super) const HOSTS: &[&str] = &[
    "2mdn.net", "3lift.com", "adform.net", "adfox.ru", "adnxs.com", "adriver.ru", "adroll.com",
    "adsrvr.org", "adsterra.com", "amazon-adsystem.com", "an.yandex.ru", "bidswitch.net",
    "casalemedia.com", "criteo.com", "criteo.net", "doubleclick.net", "exoclick.com",
    "googleadservices.com", "googlesyndication.com", "gumgum.com", "indexww.com", "ligatus.com",
    "media.net", "mgid.com", "openx.net", "outbrain.com", "plista.com", "popads.net",
    "propellerads.com", "pubmatic.com", "quantserve.com", "revcontent.com", "rubiconproject.com",
    "seedtag.com", "sharethrough.com", "smartadserver.com", "taboola.com", "teads.tv",
    "triplelift.com", "yieldmo.com", "zemanta.com",
];
