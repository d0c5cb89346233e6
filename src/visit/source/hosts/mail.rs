//! Webmail: a click there is a click in a letter. They come before the engine of the same house, so
//! that `mail.google.com` is no search. Newsletter services are known by their click ids instead.

/// Hosts; everything below them counts. `name.*` is the name before any public suffix.
#[rustfmt::skip]
pub(super) const HOSTS: &[&str] = &[
    "3c-lxa.mail.com", "3c.gmx.net", "3c.web.de", "abv.bg", "app.tuta.com", "bap.navigator.gmx.net",
    "btmail.bt.com", "connect.xfinity.com", "deref-1und1.de", "deref-gmx.com", "deref-gmx.fr",
    "deref-gmx.net", "deref-mail.com", "deref-web-02.de", "deref-web.de", "e.mail.ru",
    "email.1und1.de", "email.bol.uol.com.br", "email.bt.com", "email.godaddy.com",
    "email.seznam.cz", "email.t-online.de", "email.telstra.com", "email.uol.com.br",
    "exmail.qq.com", "fastmail.com", "hey.com", "hotmail.com", "icloud.com", "inbox.google.com",
    "light.mail.ru", "lightmailer.gmx.net", "lightmailer.web.de", "mail.126.com", "mail.163.com",
    "mail.a1.net", "mail.alice.it", "mail.aliyun.com", "mail.aol.com", "mail.bg", "mail.centrum.cz",
    "mail.com", "mail.daum.net", "mail.freenet.de", "mail.google.*", "mail.hostpoint.ch",
    "mail.i.ua", "mail.ionos.com", "mail.ionos.de", "mail.libero.it", "mail.live.com",
    "mail.nate.com", "mail.naver.com", "mail.orange.fr", "mail.proton.me", "mail.protonmail.com",
    "mail.qq.com", "mail.rambler.ru", "mail.rediff.com", "mail.sfr.fr", "mail.sina.com.cn",
    "mail.sohu.com", "mail.superhuman.com", "mail.terra.com.br", "mail.tiscali.it",
    "mail.tutanota.com", "mail.twc.com", "mail.ukr.net", "mail.uol.com.br", "mail.virgilio.it",
    "mail.vodafone.de", "mail.volny.cz", "mail.xfinity.com", "mail.yahoo.*", "mail.yahoo.co.jp",
    "mail.yahoo.com", "mail.yandex.*", "mail.zoho.*", "mail01.orange.fr", "mail02.orange.fr",
    "mail2.virginmedia.com", "messagerie.orange.fr", "navigator.gmx.net", "navigator.web.de",
    "octavius.mail.ru", "outlook.com", "outlook.live.com", "outlook.office.com",
    "outlook.office365.com", "poczta.home.pl", "poczta.interia.pl", "poczta.o2.pl",
    "poczta.onet.pl", "poczta.wp.pl", "posta.libero.it", "privateemail.com",
    "safelinks.protection.outlook.com", "touch.mail.ru", "webmail.1und1.de", "webmail.aruba.it",
    "webmail.bbox.fr", "webmail.bell.net", "webmail.bluewin.ch", "webmail.centurylink.net",
    "webmail.cox.net", "webmail.earthlink.net", "webmail.free.fr", "webmail.freenet.de",
    "webmail.frontier.com", "webmail.gandi.net", "webmail.godaddy.com", "webmail.hostinger.com",
    "webmail.iinet.net.au", "webmail.kpnmail.nl", "webmail.laposte.net", "webmail.one.com",
    "webmail.optusnet.com.au", "webmail.ovh.net", "webmail.pec.it", "webmail.plus.net",
    "webmail.proximus.be", "webmail.rogers.com", "webmail.sfr.fr", "webmail.shaw.ca",
    "webmail.spectrum.net", "webmail.strato.de", "webmail.sunrise.ch", "webmail.telenet.be",
    "webmail.telkom.net", "webmail.telus.net", "webmail.videotron.com", "webmail.virginmedia.com",
    "webmail.xs4all.nl", "webmail.ziggo.nl", "zimbra.free.fr",
];
