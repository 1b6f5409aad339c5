//! stub
use crate::{config::Config, engine::Engine};
/// stub
pub fn serve(_: Engine, _: Config, _: std::net::TcpListener) -> std::io::Result<actix_web::dev::Server> {
    Err(std::io::Error::other("stub"))
}
