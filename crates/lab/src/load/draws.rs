//! Draws that a seed decides: the same ones in every run, whoever asks for them and when.

/// SplitMix64 (Steele, Lea and Flood 2014): a stream of draws for each number, as of an order.
#[derive(Debug, Clone)]
pub struct Draws(u64);

impl Draws {
    /// The stream of one number under a seed.
    #[must_use]
    pub fn of(seed: u64, number: u64) -> Self {
        Self(Self(seed ^ Self(number).draw()).draw())
    }

    /// The next draw, from all that 64 bits can be.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1.
    pub fn share(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 to below `bound`, which is not 0. Off by less than one in 2^32 for whatever fits 32 bits.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.draw() % bound as u64) as usize
    }

    /// One of these, of which there is one at least.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}
