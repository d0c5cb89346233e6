//! The sentences that explain a decision. Whoever does not ask for them pays nothing: a sentence is
//! made only when somebody listens.

pub(super) struct Because<'b>(Option<&'b mut Vec<String>>);

impl<'b> Because<'b> {
    pub(super) fn new(sentences: Option<&'b mut Vec<String>>) -> Because<'b> {
        Because(sentences)
    }

    pub(super) fn is_heard(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn say(&mut self, sentence: impl FnOnce() -> String) {
        if let Some(sentences) = &mut self.0 {
            sentences.push(sentence());
        }
    }
}
