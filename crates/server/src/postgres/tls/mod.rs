//! TLS on the port: the certificate, and connections with and without it.

pub(super) mod certificate;
pub(super) mod socket;
