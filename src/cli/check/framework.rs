//! What takes pages over in the browser, by the marks that it leaves in a page or in its scripts.

use serde::{Serialize, Serializer};

use crate::config::Hydration;

/// A framework, or two that can't be told apart by what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Framework {
    Next,
    Gatsby,
    ReactRouter,
    React,
    Preact,
    Nuxt,
    Vue,
    Svelte,
    VueOrSvelte,
    Angular,
    Astro,
    Htmx,
    Turbo,
}

impl Framework {
    pub fn name(self) -> &'static str {
        match self {
            Framework::Next => "Next.js",
            Framework::Gatsby => "Gatsby",
            Framework::ReactRouter => "React Router",
            Framework::React => "React",
            Framework::Preact => "Preact",
            Framework::Nuxt => "Nuxt",
            Framework::Vue => "Vue",
            Framework::Svelte => "Svelte",
            Framework::VueOrSvelte => "Vue or Svelte",
            Framework::Angular => "Angular",
            Framework::Astro => "Astro",
            Framework::Htmx => "htmx",
            Framework::Turbo => "Turbo",
        }
    }

    /// What `site.hydration` is for it.
    pub fn hydration(self) -> Hydration {
        match self {
            Framework::Next | Framework::Gatsby | Framework::ReactRouter | Framework::React => {
                Hydration::React
            }
            _ => Hydration::Observe,
        }
    }

    /// Whether `site.hydration` may be this for it. Vue bears React's too, with which it logs nothing.
    pub fn bears(self, hydration: Hydration) -> bool {
        let is_vue = matches!(self, Framework::Vue | Framework::Nuxt | Framework::VueOrSvelte);
        hydration == self.hydration() || is_vue && hydration == Hydration::React
    }

    /// Whether this is said already where the other one is.
    pub fn is_told_by(self, other: Self) -> bool {
        match self {
            Framework::React => other != self && other.hydration() == Hydration::React,
            Framework::Vue => other == Framework::Nuxt,
            Framework::VueOrSvelte => {
                matches!(other, Framework::Nuxt | Framework::Vue | Framework::Svelte)
            }
            _ => false,
        }
    }

    /// By an element's name.
    pub fn of_element(name: &str) -> Option<Self> {
        match name {
            "astro-island" => Some(Framework::Astro),
            "turbo-frame" | "turbo-stream" => Some(Framework::Turbo),
            _ => None,
        }
    }

    /// By an attribute.
    pub fn of_attribute(name: &str, value: &str) -> Option<Self> {
        match name {
            "id" => match value {
                "__next" => Some(Framework::Next),
                "___gatsby" => Some(Framework::Gatsby),
                "__nuxt" => Some(Framework::Nuxt),
                "ng-state" => Some(Framework::Angular),
                _ => None,
            },
            "class" => value.split_ascii_whitespace().any(is_scoped_by_svelte).then_some(Framework::Svelte),
            "data-reactroot" | "data-reactid" => Some(Framework::React),
            "data-server-rendered" => Some(Framework::Vue),
            "ng-version" | "ng-server-context" => Some(Framework::Angular),
            "data-turbo" | "data-turbo-track" | "data-turbo-frame" => Some(Framework::Turbo),
            _ if name.starts_with("data-v-") => Some(Framework::Vue),
            _ if name.starts_with("data-svelte") => Some(Framework::Svelte),
            _ if name.starts_with("hx-") || name.starts_with("data-hx-") => Some(Framework::Htmx),
            _ => None,
        }
    }

    /// By a comment: React's borders of `Suspense`, and those of fragments.
    pub fn of_comment(text: &str) -> Option<Self> {
        match text {
            "$" | "$?" | "$!" | "/$" => Some(Framework::React),
            "[!" => Some(Framework::Svelte),
            "[" | "]" => Some(Framework::VueOrSvelte),
            _ => None,
        }
    }

    /// By what a script's or style sheet's address, or a script's text in the page, holds.
    pub fn of_script(text: &str) -> impl Iterator<Item = Self> {
        [
            ("/_next/", Framework::Next),
            ("__NEXT_DATA__", Framework::Next),
            ("__next_f", Framework::Next),
            ("___gatsby", Framework::Gatsby),
            ("___chunkMapping", Framework::Gatsby),
            ("__reactRouterContext", Framework::ReactRouter),
            ("__remixContext", Framework::ReactRouter),
            ("/_nuxt/", Framework::Nuxt),
            ("__NUXT__", Framework::Nuxt),
            ("__sveltekit_", Framework::Svelte),
            ("/_app/immutable/", Framework::Svelte),
        ]
        .into_iter()
        .filter(move |(mark, _)| text.contains(mark))
        .map(|(_, framework)| framework)
    }

    /// By what production builds leave of it in a script: names that the framework gives to elements, addresses of its messages.
    pub fn of_bundle(text: &str) -> impl Iterator<Item = Self> {
        [
            (&["_reactRootContainer", "__reactFiber$"][..], Framework::React),
            (&[".__k", ".__H", "dangerouslySetInnerHTML"], Framework::Preact),
            (&["__vue_app__"], Framework::Vue),
            (&["svelte.dev/e/"], Framework::Svelte),
        ]
        .into_iter()
        .filter(move |(marks, _)| marks.iter().all(|mark| text.contains(mark)))
        .map(|(_, framework)| framework)
    }
}

/// `svelte-1a2b3c`, which Svelte gives to what its styles are for.
fn is_scoped_by_svelte(class: &str) -> bool {
    let hash = class.strip_prefix("svelte-").unwrap_or_default();
    (5..=8).contains(&hash.len())
        && hash.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        && hash.bytes().any(|byte| byte.is_ascii_digit())
}

impl Serialize for Framework {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
