//! Chance that always falls the same way: numbers that look random and belong to a name.

/// A number in `0.0..1.0` that belongs to a name and a number (FNV-1a, then one round of mixing).
pub fn fraction(name: &str, number: i64) -> f64 {
    let bytes = name.bytes().chain(number.to_le_bytes());
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    let mixed = (hash ^ (hash >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 48;
    f64::from(u16::try_from(mixed).unwrap_or(0)) / 65_536.0
}
