//! The plans of the hot statements over a hundred thousand deliveries.
