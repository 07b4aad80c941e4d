//! Why a file was not taken in, and how the officer is told.

use super::{MIB, MediaKind};
use crate::problem::{Problem, say};
use axum::http::StatusCode;

/// Why a file was not taken in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaFault {
    /// The rest of it never came.
    #[error("the transfer broke off")]
    Broken,
    /// It is larger than files of its kind may be.
    #[error("larger than {0} bytes")]
    TooLarge(u64),
    /// Its bytes are nothing that can be heard or shown.
    #[error("of no known kind")]
    Unknown,
    /// Its bytes are something else than it is said to be.
    #[error("said to be {said:?} and is {is:?}")]
    Other {
        /// What it is said to be.
        said: MediaKind,
        /// What it is.
        is: MediaKind,
    },
    /// It cannot be played or unpacked: why, in words for the log.
    #[error("{0}")]
    Unplayable(String),
    /// A picture with more pixels than are taken.
    #[error("too many pixels")]
    TooManyPixels,
    /// Decoding it does not come to an end.
    #[error("decodes for ever")]
    Endless,
    /// Decoders hang, and this one would join them.
    #[error("decoders hang")]
    Hangs,
    /// Its sound is longer than two hours.
    #[error("longer than two hours")]
    TooLong,
    /// As many as may be are being taken in.
    #[error("busy")]
    Busy,
    /// The disk has no room for it.
    #[error("no room")]
    NoRoom,
    /// The disk did not take it.
    #[error("storing it: {0}")]
    Disk(String),
}

pub(super) fn slow() -> Problem {
    Problem::new(
        StatusCode::REQUEST_TIMEOUT,
        "too_slow",
        say("Tệp đến quá chậm", "The file came too slowly"),
        say(
            "Chưa lưu gì. Hãy lại gần bộ phát Wi-Fi rồi gửi lại.",
            "Nothing was kept. Send it again over a better network.",
        ),
    )
}

pub(super) fn fault(why: &MediaFault) -> Problem {
    let unfit = |code, title, detail| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, title, detail);
    let unavailable = |code, title, detail| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, title, detail).acted(false).retry_after(5)
    };
    match why {
        MediaFault::Broken => Problem::new(
            StatusCode::BAD_REQUEST,
            "broken_off",
            say("Tệp chưa gửi xong", "The file did not come whole"),
            say(
                "Đường truyền bị ngắt. Chưa lưu gì; hãy gửi lại.",
                "The transfer broke off. Nothing was kept; send it again.",
            ),
        ),
        MediaFault::TooLarge(limit) => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            say("Tệp quá lớn", "The file is too large"),
            say(
                format!("Tệp loại này nhiều nhất {} MB. Hãy cắt ngắn hoặc nén lại. Chưa lưu gì.", limit / MIB),
                format!("{} MiB at most for this kind. Nothing was kept.", limit / MIB),
            ),
        ),
        MediaFault::Unknown => unfit(
            "unknown_kind",
            say("Không nhận ra loại tệp này", "The file is of no known kind"),
            say(
                "Tệp không phải âm thanh, ảnh hay video dùng được (tên tệp có thể sai). Chưa lưu gì; hãy chọn tệp khác.",
                "Its content is no sound, picture or film that can be used, whatever its name says. Nothing was kept.",
            ),
        ),
        MediaFault::Other { said, is } => unfit(
            "other_kind",
            say("Tệp không đúng loại", "The file is of another kind"),
            say(
                format!("Tệp được gửi là {} nhưng bên trong là {}. Chưa lưu gì.", said.shown(), is.shown()),
                format!("It was sent as {} and is {}. Nothing was kept.", said.as_str(), is.as_str()),
            ),
        ),
        MediaFault::Unplayable(why) => {
            log::info!(error = why.as_str(); "a file of the desk cannot be used");
            unfit(
                "unplayable",
                say("Tệp bị hỏng hoặc trạm không mở được", "The file is damaged or cannot be opened here"),
                say(
                    "Hãy nghe hoặc xem thử tệp trên máy của anh chị, xuất lại thành MP3, JPEG hoặc MP4 rồi gửi lại. Chưa lưu gì.",
                    format!("{why}. Nothing was kept."),
                ),
            )
        }
        MediaFault::TooManyPixels => unfit(
            "too_many_pixels",
            say("Ảnh quá lớn", "The picture is too large"),
            say("Ảnh nhiều nhất 21 triệu điểm. Hãy thu nhỏ ảnh rồi gửi lại.", "21 million pixels at most."),
        ),
        MediaFault::Endless => unfit(
            "endless",
            say("Tệp giải mã mãi không xong", "The file does not come to an end"),
            say(
                "Tệp có thể bị hỏng hoặc cố ý làm sai. Chưa lưu gì; hãy chọn tệp khác.",
                "It may be damaged. Nothing was kept.",
            ),
        ),
        MediaFault::Hangs => unavailable(
            "decoders_hang",
            say("Phần mở tệp của trạm đang bị treo", "What opens files here hangs"),
            say(
                "Hai tệp trước làm trạm mở mãi không xong. Chưa lưu gì; loa và bảng vẫn chạy. Nhờ kỹ thuật khởi động lại trạm lúc không phát.",
                "Two files before this one hang. Nothing was kept; the station goes on. Have it started again while nothing is aired.",
            ),
        ),
        MediaFault::TooLong => unfit(
            "too_long",
            say("Âm thanh dài quá hai giờ", "The sound is longer than two hours"),
            say("Hãy cắt thành nhiều bản tin ngắn hơn. Chưa lưu gì.", "Cut it into shorter ones. Nothing was kept."),
        ),
        MediaFault::Busy => unavailable(
            "busy",
            say("Trạm đang nhận các tệp khác", "Other files are being taken in"),
            say("Hãy gửi lại sau một phút.", "Send it again in a minute."),
        ),
        MediaFault::NoRoom => unavailable(
            "no_room",
            say("Bộ nhớ của trạm gần đầy", "The station's storage is nearly full"),
            say("Chưa lưu gì. Hãy bỏ bớt tệp cũ trong kho hoặc báo kỹ thuật.", "Nothing was kept. Free some space."),
        ),
        MediaFault::Disk(why) => {
            log::error!(error = why.as_str(); "a file of the desk cannot be kept");
            unavailable(
                "not_kept",
                say("Bộ nhớ không ghi được tệp", "The storage did not take the file"),
                say(
                    "Chưa lưu gì. Hãy thử lại; nếu vẫn vậy, báo kỹ thuật xem thẻ nhớ.",
                    "Nothing was kept. Call the technician.",
                ),
            )
        }
    }
}
