//! What newsletterd shows to people: letters and pages.
