//! Why an address gets nothing any more.

use super::words::words;

words! {
    /// Why an address is suppressed.
    pub enum SuppressionReason {
        /// The address does not exist.
        Hard = "hard",
        /// It refused for too long.
        Soft = "soft",
        /// Its reader complained.
        Complaint = "complaint",
        /// A person of the newsroom put it there.
        Manual = "manual",
        /// The law asks for it; a fresh opt-in does not lift it.
        Legal = "legal",
    }
}
