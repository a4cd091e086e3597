//! Encrypted connections, with and without certificates of clients.

use crate::clients::call_grpc_over;
use crate::requests::{failing, to_protobuf};
use crate::server::{Server, whyspan};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl").current_dir(folder).args(arguments).output().expect("openssl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// An authority, and a certificate and key of 127.0.0.1 under it.
fn certificate(folder: &Path, name: &str) {
    let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    let authority = ["req", "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority"];
    if !folder.join("ca.pem").exists() {
        openssl(folder, &[&authority[..], &curve].concat());
    }
    let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
    let signed = ["req", "-x509", "-CA", "ca.pem", "-CAkey", "ca.key", "-subj", "/CN=test"];
    let of_here = ["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"];
    openssl(folder, &[&signed[..], &["-keyout", &key, "-out", &certificate], &of_here, &curve].concat());
}

/// The status that curl is answered, or what ended the connection.
fn curl(server: &Server, folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("curl")
        .current_dir(folder)
        .args(["--silent", "--show-error", "--output", "body", "--write-out", "%{http_code}", "--cacert", "ca.pem"])
        .args(arguments)
        .arg(format!("https://{}/readyz", server.http))
        .output()
        .expect("curl runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[test]
fn connections_are_encrypted_and_clients_show_who_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    ["server", "client"].into_iter().for_each(|name| certificate(folder.path(), name));
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (certificate, key, authority) = (path("server.pem"), path("server.key"), path("ca.pem"));
    let tls = ["--tls-certificate", &certificate, "--tls-key", &key];
    let mutual = [&tls[..], &["--tls-client-ca", &authority]].concat();
    let body = to_protobuf(&failing(1, 1));
    let calls = [("trace", &body[..], false)];
    let anonymous = json!({ "ca": authority });
    let known = json!({ "ca": authority, "certificate": path("client.pem"), "key": path("client.key") });

    let server = Server::start(&folder.path().join("one"), &tls);
    assert_eq!(call_grpc_over(&server, &calls, None, &anonymous)[0].code, "OK");
    assert_eq!(curl(&server, folder.path(), &[]), Ok("200".to_owned()));
    assert!(
        Command::new("curl")
            .args(["--silent", &format!("http://{}/readyz", server.http)])
            .status()
            .is_ok_and(|it| !it.success())
    );
    assert!(server.stop().success());

    let server = Server::start(&folder.path().join("two"), &mutual);
    assert_eq!(call_grpc_over(&server, &calls, None, &known)[0].code, "OK");
    assert_eq!(call_grpc_over(&server, &calls, None, &anonymous)[0].code, "UNAVAILABLE");
    assert_eq!(curl(&server, folder.path(), &["--cert", "client.pem", "--key", "client.key"]), Ok("200".to_owned()));
    assert!(curl(&server, folder.path(), &[]).is_err());
    assert!(server.stop().success());
}

#[test]
fn certificates_that_cannot_be_used_are_told_before_anything_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    certificate(folder.path(), "server");
    let path = |name: &str| folder.path().join(name);
    let check = |arguments: &[(&str, PathBuf)]| {
        let mut command = whyspan();
        command.args(["serve", "--check"]);
        arguments.iter().for_each(|(flag, path)| {
            command.arg(flag).arg(path);
        });
        let output = command.output().expect("whyspan runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let pair = |certificate: &str, key: &str| [("--tls-certificate", path(certificate)), ("--tls-key", path(key))];
    assert_eq!(check(&pair("server.pem", "server.key")).0, Some(0));
    let open = [&pair("server.pem", "server.key")[..], &[("--http", PathBuf::from("0.0.0.0:4318"))]].concat();
    assert_eq!(check(&open).0, Some(2), "encryption alone says nothing of who sends");
    assert_eq!(check(&[&open[..], &[("--tls-client-ca", path("ca.pem"))]].concat()).0, Some(0));
    for wrong in [
        pair("server.key", "server.key"),
        pair("server.pem", "server.pem"),
        pair("server.pem", "ca.key"),
        pair("none", "none"),
    ] {
        let (code, told) = check(&wrong);
        assert!(code == Some(2) && told.contains(&*folder.path().to_string_lossy()), "{wrong:?}: {told}");
    }
    let (code, told) = check(&[("--tls-certificate", path("server.pem"))]);
    assert!(code == Some(2) && told.contains("needs both"), "{told}");
}
