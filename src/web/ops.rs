//! stub
/// x
#[derive(Clone)]
pub struct Health;
impl Health {
    /// x
    pub fn new(_: bool) -> Self {
        Self
    }
    /// x
    pub fn ticked(&self, _: chrono::DateTime<chrono::Utc>) {}
}
