//! Waiting for another program, never longer than a deadline.

use std::time::{Duration, Instant};

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks again and again until `look` finds something; after `limit` the test fails, saying what
/// was waited for.
pub fn until<T>(what: &str, limit: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < limit, "waited {limit:?} in vain for {what}");
        std::thread::sleep(PAUSE);
    }
}

#[test]
fn returns_what_was_found_at_a_later_look() {
    let mut looks = 0;
    let found = until("the third look", Duration::from_secs(10), || {
        looks += 1;
        (looks == 3).then_some(looks)
    });
    assert_eq!(found, 3);
}

#[test]
#[should_panic(expected = "waited 50ms in vain for what never comes")]
fn fails_at_the_deadline() {
    until("what never comes", Duration::from_millis(50), || None::<()>);
}
