//! What breaks around a run: the database, the disk, the clock, the relay at every step. Nobody is
//! lost, nobody gets two, and who is poison suffers alone.

mod clock_jumps;
mod disk_full;
mod postgres_restart;
mod relay_steps;
