//! The country names of the Online Retail data set as ISO 3166-1 codes.

use std::sync::LazyLock;

/// The assigned codes, in order.
static ASSIGNED: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut codes: Vec<_> = iso_country::data::all().into_iter().map(|country| country.alpha2).collect();
    codes.sort_unstable();
    codes
});

/// Where an order goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country {
    /// An assigned ISO 3166-1 alpha-2 code.
    pub code: &'static str,
    /// Whether the name stands for that code. If not, the code is the shop's own, `GB`.
    pub is_certain: bool,
}

/// What the shop's own country stands in for: a group of countries has no code, and a server takes assigned ones only.
const SHOP: &str = "GB";

/// Every name that occurs in the data set and that one code stands for. `Channel Islands` (Jersey and Guernsey have
/// codes, the group has none), `European Community` and `Unspecified` are missing for that reason.
const CODES: [(&str, &str); 35] = [
    ("Australia", "AU"),
    ("Austria", "AT"),
    ("Bahrain", "BH"),
    ("Belgium", "BE"),
    ("Brazil", "BR"),
    ("Canada", "CA"),
    ("Cyprus", "CY"),
    ("Czech Republic", "CZ"),
    ("Denmark", "DK"),
    ("EIRE", "IE"),
    ("Finland", "FI"),
    ("France", "FR"),
    ("Germany", "DE"),
    ("Greece", "GR"),
    ("Hong Kong", "HK"),
    ("Iceland", "IS"),
    ("Israel", "IL"),
    ("Italy", "IT"),
    ("Japan", "JP"),
    ("Lebanon", "LB"),
    ("Lithuania", "LT"),
    ("Malta", "MT"),
    ("Netherlands", "NL"),
    ("Norway", "NO"),
    ("Poland", "PL"),
    ("Portugal", "PT"),
    ("RSA", "ZA"),
    ("Saudi Arabia", "SA"),
    ("Singapore", "SG"),
    ("Spain", "ES"),
    ("Sweden", "SE"),
    ("Switzerland", "CH"),
    ("USA", "US"),
    ("United Arab Emirates", "AE"),
    ("United Kingdom", "GB"),
];

/// The country of a name as the data set writes it, or of an assigned code, as shops' exports do; an unknown one is the
/// shop's own, and says that it is a guess.
#[must_use]
pub fn of_name(name: &str) -> Country {
    let known = CODES.iter().find(|(known, _)| *known == name).map(|(_, code)| *code);
    let code = known.or_else(|| {
        let assigned = &*ASSIGNED;
        assigned.binary_search(&name).ok().map(|at| assigned[at])
    });
    Country { code: code.unwrap_or(SHOP), is_certain: code.is_some() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_code() {
        assert_eq!(of_name("EIRE"), Country { code: "IE", is_certain: true });
        assert_eq!(of_name("DE"), Country { code: "DE", is_certain: true }, "exports of shops write codes");
        assert_eq!(of_name("RSA"), Country { code: "ZA", is_certain: true });
        assert_eq!(of_name("United Kingdom"), Country { code: "GB", is_certain: true });
    }

    #[test]
    fn a_group_or_an_unknown_name_is_the_shops_country_and_says_so() {
        for name in ["Channel Islands", "European Community", "Unspecified", "Atlantis", "XX", ""] {
            assert_eq!(of_name(name), Country { code: "GB", is_certain: false }, "{name}");
        }
    }
}
