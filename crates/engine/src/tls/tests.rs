use super::dsn::{Dsn, Mode, read};
use super::*;

fn files(ca: Option<&str>, cert: Option<&str>, key: Option<&str>) -> Files {
    Files { ca: ca.map(Into::into), cert: cert.map(Into::into), key: key.map(Into::into) }
}

fn taken(url: &str) -> (Mode, Verify, Files, String) {
    let Dsn { rest, mode, verify, files } = read(url, None).expect(url);
    (mode, verify, files, rest)
}

#[test]
fn a_mode_means_what_libpq_means_by_it() {
    let (none, ca) = (Files::default(), files(Some("/ca"), None, None));
    for (query, mode, verify, files) in [
        ("", Mode::Disable, Verify::Nothing, &none),
        ("sslmode=disable", Mode::Disable, Verify::Nothing, &none),
        ("sslmode=prefer", Mode::Prefer, Verify::Nothing, &none),
        ("sslmode=prefer&sslrootcert=/ca", Mode::Prefer, Verify::Chain, &ca),
        ("sslmode=require", Mode::Require, Verify::Nothing, &none),
        ("sslmode=require&sslrootcert=/ca", Mode::Require, Verify::Chain, &ca),
        ("sslmode=verify-ca&sslrootcert=%2Fca", Mode::Require, Verify::Chain, &ca),
        ("sslrootcert=/ca&sslmode=verify-full", Mode::Require, Verify::Name, &ca),
        ("sslmode=verify-full", Mode::Require, Verify::Name, &none),
        ("sslrootcert=/ca", Mode::Require, Verify::Name, &ca),
        ("sslrootcert=system", Mode::Require, Verify::Name, &none),
        ("sslmode=verify-full&sslrootcert=system", Mode::Require, Verify::Name, &none),
    ] {
        let mark = if query.is_empty() { "" } else { "?" };
        let found = taken(&format!("postgres://u:p@db/shop{mark}{query}"));
        assert_eq!(found, (mode, verify, files.clone(), "postgres://u:p@db/shop".into()), "{query}");
    }
}

#[test]
fn what_is_not_about_tls_is_the_drivers() {
    let url =
        "postgresql://u:p%40?q@db:1/shop?options=-c%20a%3Db&sslmode=require&connect_timeout=3&sslnegotiation=direct";
    let rest = "postgresql://u:p%40?q@db:1/shop?options=-c%20a%3Db&connect_timeout=3&sslnegotiation=direct";
    assert_eq!(taken(url), (Mode::Require, Verify::Nothing, Files::default(), rest.into()));
    for same in ["postgres://db", "postgres://u@/d?host=/run/x", "postgres://u:sslmode=a@db/d?x", "host=db user=u", ""]
    {
        assert_eq!(taken(same).3, same);
    }
    let (mode, verify, named, rest) = taken(
        r"host=db  sslmode = verify-ca password='a sslmode=b \' c' sslrootcert='/a b' sslcert=/c sslkey=/k\ k user=u",
    );
    assert_eq!((mode, verify), (Mode::Require, Verify::Chain));
    assert_eq!(named, files(Some("/a b"), Some("/c"), Some("/k k")));
    assert_eq!(rest, r"host=db password='a sslmode=b \' c' user=u");
}

#[test]
fn what_is_configured_beside_a_url_counts_where_it_says_nothing() {
    let configured = files(Some("/ca"), Some("/c"), Some("/k"));
    let beside = |query: &str| read(&format!("postgres://db?{query}"), Some(&configured));
    let dsn = beside("").unwrap();
    assert_eq!((dsn.mode, dsn.verify, &dsn.files), (Mode::Require, Verify::Name, &configured));
    assert_eq!(beside("sslmode=require").unwrap().verify, Verify::Chain, "a CA is given");
    assert_eq!(beside("sslcert=/x&sslkey=/y").unwrap().files, files(Some("/ca"), Some("/x"), Some("/y")));
    assert_eq!(beside("sslrootcert=system").unwrap().files.ca, None);
    let empty = read("postgres://db", Some(&Files::default())).unwrap();
    assert_eq!((empty.mode, empty.verify), (Mode::Require, Verify::Name), "an empty section asks for TLS, too");
    for (query, wanted) in [
        ("sslmode=disable", "says sslmode=disable, and certificates are named"),
        ("sslmode=allow", "says sslmode=\"allow\"; it must be disable, prefer, require, verify-ca or verify-full"),
        ("sslcert=/x", "names sslcert without sslkey"),
        ("sslkey=/x", "names sslkey without sslcert"),
        ("sslmode=require&sslrootcert=system", "must be verify-full"),
        ("sslmode=verify-ca&sslrootcert=system", "must be verify-full"),
    ] {
        let error = beside(query).err().expect(query);
        assert!(error.contains(wanted), "{query}: {error}");
    }
    for weak in ["", "&sslmode=disable", "&sslmode=prefer"] {
        let error = read(&format!("postgres://db?sslnegotiation=direct{weak}"), None).err().expect(weak);
        assert!(error.starts_with("says sslnegotiation=direct: sslmode must be require"), "{weak}: {error}");
    }
    assert_eq!(beside("sslnegotiation=direct").unwrap().mode, Mode::Require, "verify-full");
    for configured in [None, Some(&Files::default())] {
        let error = read("postgres://db?sslmode=verify-ca", configured).err().expect("no CA");
        assert_eq!(error, "says sslmode=verify-ca and names no CA: name sslrootcert, or use verify-full");
    }
    assert_eq!(beside("sslmode=verify-ca").unwrap().verify, Verify::Chain);
}

#[test]
fn a_file_that_does_not_serve_is_told() {
    let folder = std::env::temp_dir().join(format!("counterfoil-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let empty = file("empty.pem", "nothing\n");
    let open = |files: Files| Dialer::open(files, Verify::Name, HTTP).unwrap_err().to_string();
    let ca = |path: &Path| Files { ca: Some(path.to_owned()), ..Files::default() };
    assert!(open(ca(&folder.join("nowhere"))).contains("nowhere cannot be read: "));
    assert!(open(ca(&empty)).ends_with("empty.pem holds no certificate in PEM (-----BEGIN CERTIFICATE-----)"));
    assert!(open(Files { key: Some(empty), ..Files::default() }).contains("key is given without cert"));
    for (text, good) in [
        ("secret\n", true),
        ("  secret", true),
        ("", false),
        ("\n", false),
        ("a b", false),
        ("a\nb", false),
        ("\u{fc}", false),
    ] {
        let held = bearer::TokenFile::open(file("token", text));
        assert_eq!(
            held.as_ref().ok().map(|held| held.token().to_string()),
            good.then(|| "secret".to_owned()),
            "{text:?}"
        );
        assert!(!format!("{held:?}").contains("secret"));
    }
    assert!(bearer::TokenFile::open(file("token", &"x".repeat(limits::TOKEN_CHARS + 1))).is_err());
    std::fs::remove_dir_all(folder).unwrap();
}
