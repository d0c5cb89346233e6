//! A request as it will stand on the wire.

use bytes::Bytes;

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// The host of the site that tests serve.
pub const HOST: &str = "www.example.com";

/// What a person's browser calls itself.
pub const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

pub const GOOGLEBOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

impl Request {
    /// A bare request, with a Host and nothing else.
    pub fn get(target: &str) -> Self {
        let headers = vec![("Host".to_owned(), HOST.to_owned())];
        Request { method: "GET".to_owned(), target: target.to_owned(), headers, body: Vec::new() }
    }

    /// What a browser sends when a person opens a page.
    pub fn navigation(target: &str) -> Self {
        Request::get(target)
            .with("User-Agent", BROWSER)
            .with("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .with("Sec-Fetch-Dest", "document")
            .with("Sec-Fetch-Mode", "navigate")
            .with("Sec-Fetch-Site", "none")
    }

    /// What a browser sends for a script of a page.
    pub fn by_script(method: &str, target: &str) -> Self {
        let request = Request::get(target)
            .method(method)
            .with("User-Agent", BROWSER)
            .with("Accept", "*/*")
            .with("Sec-Fetch-Dest", "empty")
            .with("Sec-Fetch-Mode", "cors")
            .with("Sec-Fetch-Site", "same-origin");
        if method == "POST" { request.with("Origin", &format!("http://{HOST}")) } else { request }
    }

    /// A tap on this link, as our script tells of it.
    pub fn tap(link: &str) -> Self {
        Request::by_script("POST", "/.dni/tap").body(link.as_bytes())
    }

    pub fn method(mut self, method: &str) -> Self {
        self.method = method.to_owned();
        self
    }

    /// With this header line, in place of those of its name.
    pub fn with(self, name: &str, value: &str) -> Self {
        self.without(name).and(name, value)
    }

    /// With this header line beside those of its name.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    pub fn body(self, body: &[u8]) -> Self {
        let length = body.len().to_string();
        Request { body: body.to_vec(), ..self.with("Content-Length", &length) }
    }

    /// The same in HTTP/2, which names the host by `:authority`.
    pub fn over_http2(&self, scheme: &str) -> http::Request<Bytes> {
        let is_host = |name: &str| name.eq_ignore_ascii_case("Host");
        let host = self.headers.iter().find(|(name, _)| is_host(name)).map_or(HOST, |(_, value)| value);
        let mut request = http::Request::builder()
            .method(self.method.as_str())
            .uri(format!("{scheme}://{host}{}", self.target))
            .version(http::Version::HTTP_2);
        for (name, value) in self.headers.iter().filter(|(name, _)| !is_host(name)) {
            request = request.header(name, value);
        }
        request.body(Bytes::from(self.body.clone())).unwrap()
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(format!("{name}: {value}\r\n").into_bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }
}
