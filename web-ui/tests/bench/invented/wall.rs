//! An invented board that is a page.

/// A board that is a page.
pub struct Wall;

impl web_ui::Boards for Wall {
    fn admit(&self, _: &str, _: &str) -> Option<std::sync::Arc<dyn web_ui::Board>> {
        None
    }

    fn addresses(&self, base: &str) -> Vec<web_ui::BoardAddress> {
        let url = format!("{base}/board/gate?token=b-0123456789abcdef01234567");
        vec![web_ui::BoardAddress { id: "gate".to_owned(), url, code: vec!["10".to_owned(), "01".to_owned()] }]
    }
}
