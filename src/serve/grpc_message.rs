//! The one message of a unary call over gRPC (the protocol's document "gRPC over HTTP2"):
//!
//! ```text
//! compressed 1 | length 4 | message (length bytes)
//! ```
//!
//! Mostly it comes in one frame, and is decoded where that was read to.

use crate::serve::answers::status_protobuf;
use crate::serve::body::{BodyError, CountedBody};
use crate::serve::coding::{Coding, CodingError};
use crate::serve::receiver::COME_AGAIN;
use axum::body::Body;
use axum::response::Response;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use std::cmp::Ordering;
use std::convert::Infallible;
use tonic::{Code, Status};

/// How many bytes stand before a message.
pub(crate) const PREFIX: usize = 5;

/// What calls, and their answers, say that they are.
const GRPC: &str = "application/grpc";

/// The message of a call, decompressed, of at most `limit` bytes.
pub(crate) async fn message(headers: &HeaderMap, body: CountedBody, limit: u64) -> Result<Bytes, Status> {
    let coding = match headers.get("grpc-encoding") {
        None => Some(Coding::Identity),
        Some(name) => Coding::of(name.as_bytes()),
    };
    let Some(coding) = coding else {
        let mut status = Status::unimplemented("expected grpc-encoding gzip, zstd or identity");
        status.metadata_mut().insert("grpc-accept-encoding", tonic::metadata::MetadataValue::from_static("gzip,zstd"));
        return Err(status);
    };
    let mut whole = whole(body).await?;
    if whole.len() < PREFIX {
        return Err(Status::internal("the call has no message"));
    }
    let (compressed, length) = (whole.get_u8(), u64::from(whole.get_u32()));
    if length > limit {
        return Err(BodyError::TooLong(limit).into());
    }
    match (whole.len() as u64).cmp(&length) {
        Ordering::Less => return Err(Status::internal("the message ends before its end")),
        Ordering::Greater => return Err(Status::internal("the call has more than one message")),
        Ordering::Equal => {}
    }
    match (compressed, coding) {
        (0, _) => Ok(whole),
        (1, Coding::Identity) => Err(Status::internal("the message is compressed, and no grpc-encoding says how")),
        (1, coding) => coding.undo(whole, limit).map_err(|error| match error {
            CodingError::TooLong(limit) => BodyError::TooLong(limit).into(),
            CodingError::Broken(_) => Status::internal(format!("the message: {error}")),
        }),
        _ => Err(Status::internal("the message is neither compressed nor not")),
    }
}

/// All that was sent, without a copy when it came at once.
async fn whole(mut body: CountedBody) -> Result<Bytes, Status> {
    let (mut first, mut more, mut length) = (Bytes::new(), Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(Status::from)?.into_data() else { continue };
        length += data.len();
        if first.is_empty() {
            first = data;
        } else if !data.is_empty() {
            // Many clients end a call with a frame of nothing, which is no reason for a copy.
            more.push(data);
        }
    }
    if more.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(length);
    whole.put(first);
    more.into_iter().for_each(|data| whole.put(data));
    Ok(whole.freeze())
}

/// Whether a request says that it is a call.
pub(crate) fn is_call(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|media| media.as_bytes().starts_with(GRPC.as_bytes()))
}

/// An answer with this message.
pub(crate) fn answer(message: &[u8]) -> Response {
    let mut bytes = BytesMut::with_capacity(PREFIX + message.len());
    bytes.put_u8(0);
    // Answers are short.
    bytes.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    bytes.put_slice(message);
    let trailers = async {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        Some(Ok::<_, Infallible>(trailers))
    };
    let mut response = Response::new(Body::new(Full::new(bytes.freeze()).with_trailers(trailers)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(GRPC));
    response
}

/// There is too much to do: it must be sent again, later.
pub(crate) fn busy(told: &str) -> Status {
    come_again(Code::ResourceExhausted, told)
}

/// A status that says when to come again.
pub(crate) fn come_again(code: Code, told: &str) -> Status {
    let details = status_protobuf(code as i32, told, Some(COME_AGAIN));
    Status::with_details(code, told, details.into())
}

impl From<BodyError> for Status {
    fn from(error: BodyError) -> Self {
        let told = error.to_string();
        match error {
            BodyError::TooLong(_) => Self::resource_exhausted(told),
            BodyError::Pressure => busy(&told),
            BodyError::Slow => Self::new(Code::DeadlineExceeded, told),
            BodyError::Broken(told) => Self::cancelled(told),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::counters::Counters;
    use std::io;
    use std::sync::Arc;
    use std::time::Duration;

    const LIMIT: u64 = 1000;

    /// What is read of a call that comes in these frames.
    fn read(frames: &[&[u8]], encoding: Option<&'static str>) -> Result<Bytes, Code> {
        read_frames(frames.iter().map(|frame| Bytes::copy_from_slice(frame)).collect(), encoding)
    }

    fn read_frames(frames: Vec<Bytes>, encoding: Option<&'static str>) -> Result<Bytes, Code> {
        let frames: Vec<io::Result<Bytes>> = frames.into_iter().map(Ok).collect();
        let mut headers = HeaderMap::new();
        if let Some(encoding) = encoding {
            headers.insert("grpc-encoding", HeaderValue::from_static(encoding));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build().expect("threads");
        runtime.block_on(async {
            let (body, time) = (Body::from_stream(tokio_stream::iter(frames)), Duration::from_secs(60));
            let body = CountedBody::new(body, Arc::new(Counters::default()), 2 * LIMIT, 10 * LIMIT, time);
            message(&headers, body, LIMIT).await.map_err(|status| status.code())
        })
    }

    fn prefixed(compressed: u8, message: &[u8]) -> Vec<u8> {
        let length = u32::try_from(message.len()).expect("short");
        [&[compressed], &length.to_be_bytes()[..], message].concat()
    }

    #[test]
    fn a_message_is_read_in_whatever_frames_it_comes() {
        let whole = prefixed(0, b"hello");
        for end in 0..=whole.len() {
            let (first, second) = whole.split_at(end);
            assert_eq!(read(&[first, second, b""], None), Ok(Bytes::from_static(b"hello")), "cut at {end}");
            if end < whole.len() {
                assert_eq!(read(&[first], None), Err(Code::Internal), "ends at {end}");
            }
        }
        assert_eq!(read(&[&prefixed(0, b"")], Some("gzip")), Ok(Bytes::new()), "not compressed, though it may be");
        let zeros = zstd::encode_all(&[0; 900][..], 1).expect("packed");
        assert_eq!(read(&[&prefixed(1, &zeros)], Some("zstd")), Ok(Bytes::from(vec![0; 900])));
    }

    #[test]
    fn a_message_that_comes_at_once_is_not_copied() {
        let whole = Bytes::from(prefixed(0, b"hello"));
        for frames in [vec![whole.clone()], vec![Bytes::new(), whole.clone(), Bytes::new()]] {
            let message = read_frames(frames, None).expect("a message");
            assert_eq!(message.as_ptr(), whole[PREFIX..].as_ptr());
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let bomb = zstd::encode_all(&[0; 100_000][..], 1).expect("packed");
        for (frames, encoding, code) in [
            (&[&prefixed(0, b"one")[..], &prefixed(0, b"two")][..], None, Code::Internal),
            (&[&prefixed(1, b"hello")], None, Code::Internal),
            (&[&prefixed(1, b"hello")], Some("zstd"), Code::Internal),
            (&[&prefixed(2, b"hello")], None, Code::Internal),
            (&[&prefixed(1, b"hello")], Some("br"), Code::Unimplemented),
            (&[&prefixed(0, &[0; 1001])], None, Code::ResourceExhausted),
            (&[&prefixed(0, &[0; 3000])], None, Code::ResourceExhausted),
            (&[&prefixed(1, &bomb)], Some("zstd"), Code::ResourceExhausted),
            (&[b"\0\xff\xff\xff\xff"], None, Code::ResourceExhausted),
        ] {
            assert_eq!(read(frames, encoding), Err(code), "{encoding:?}");
        }
    }
}
