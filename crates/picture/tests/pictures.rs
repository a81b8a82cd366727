//! Pictures from outside: files that a decoder of its own reads, with what they show.

use std::io::Read;

use flate2::read::ZlibDecoder;
use playhead_picture::limits::{COLUMNS, HEIGHT_PX, LINES, ROWS, WIDTH_PX};
use playhead_picture::{Body, Chart, Column, Fonts, Line, Picture, Point, Table, Tick};

/// The first and the second colour of lines.
const BLUE: [u8; 3] = [0x34, 0x59, 0xd3];
const BROWN: [u8; 3] = [0xc3, 0x83, 0x2a];
/// Letters that the font beside the tests has, and the built-in one lacks.
const TWO_LETTERS: &[u8] = include_bytes!("two-letters.ttf");

struct Decoded {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Decoded {
    fn of(file: &[u8]) -> Self {
        assert_eq!(&file[..8], b"\x89PNG\r\n\x1a\n");
        let (mut at, mut kinds, mut data) = (8, Vec::new(), Vec::new());
        let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
        while at < file.len() {
            let (length, kind) = (number(at) as usize, &file[at + 4..at + 8]);
            let mut checksum = flate2::Crc::new();
            checksum.update(&file[at + 4..at + 8 + length]);
            assert_eq!(number(at + 8 + length), checksum.sum(), "{kind:?}");
            kinds.push(kind.to_vec());
            if kind == b"IDAT" {
                data.extend_from_slice(&file[at + 8..at + 8 + length]);
            }
            at += 12 + length;
        }
        assert_eq!(kinds, [b"IHDR", b"IDAT", b"IEND"]);
        let (width, height) = (number(16) as usize, number(20) as usize);
        assert_eq!(file[24..29], [8, 2, 0, 0, 0]);
        let mut lines = Vec::new();
        ZlibDecoder::new(&data[..]).read_to_end(&mut lines).unwrap();
        assert_eq!(lines.len(), height * (1 + width * 3));
        let pixels = lines
            .chunks(1 + width * 3)
            .inspect(|line| assert_eq!(line[0], 0))
            .flat_map(|line| line[1..].to_vec());
        Self { width, height, pixels: pixels.collect() }
    }

    fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let first = (y * self.width + x) * 3;
        self.pixels[first..first + 3].try_into().unwrap()
    }

    fn count(&self, color: [u8; 3]) -> usize {
        self.pixels.chunks(3).filter(|pixel| *pixel == color).count()
    }

    /// How many stretches of a colour there are in the columns from `from` on, column by column.
    fn columns_with(&self, color: [u8; 3], from: usize) -> Vec<bool> {
        (from..self.width).map(|x| (0..self.height).any(|y| self.pixel(x, y) == color)).collect()
    }
}

fn points(values: &[Option<f64>]) -> Vec<Point> {
    let at = |(place, value): (usize, &Option<f64>)| Point {
        at_ms: place as i64 * 3_600_000,
        value: *value,
        is_partial: false,
    };
    values.iter().enumerate().map(at).collect()
}

fn line(name: &str, values: &[Option<f64>]) -> Line {
    Line { name: name.to_owned(), points: points(values) }
}

fn chart(lines: Vec<Line>) -> Chart {
    Chart {
        title: String::new(),
        lines,
        range_ms: (0, 10 * 3_600_000),
        ticks: vec![
            Tick { at_ms: 0, text: "11-01".to_owned() },
            Tick { at_ms: 7_200_000, text: "02:00".to_owned() },
        ],
        written: |value| format!("{value}"),
        is_clock: false,
        is_whole: false,
    }
}

fn picture(title: &str, body: Body) -> Picture {
    Picture { title: title.to_owned(), about: vec!["about".to_owned()], body, notes: Vec::new() }
}

fn drawn(picture: &Picture) -> Decoded {
    let decoded = Decoded::of(&picture.png(&Fonts::new(None).unwrap()).unwrap());
    assert_eq!(decoded.width, WIDTH_PX as usize);
    assert!(decoded.height <= HEIGHT_PX as usize);
    decoded
}

#[test]
fn a_line_was_missing_or_had_the_color_of_another() {
    let rising: Vec<Option<f64>> = (0..10).map(|hour| Some(f64::from(hour))).collect();
    let one = drawn(&picture("One", Body::Charts(vec![chart(vec![line("a", &rising)])])));
    assert!(one.count(BLUE) > 1_000, "{}", one.count(BLUE));
    assert_eq!(one.count(BROWN), 0);
    let falling: Vec<Option<f64>> = rising.iter().rev().copied().collect();
    let two =
        drawn(&picture("Two", Body::Charts(vec![chart(vec![line("a", &rising), line("b", &falling)])])));
    assert!(two.count(BLUE) > 1_000 && two.count(BROWN) > 1_000);
}

#[test]
fn hours_without_a_value_and_hours_counted_in_part_were_drawn_like_others() {
    let flat = [Some(5.0); 10];
    let gap_free = drawn(&picture("x", Body::Charts(vec![chart(vec![line("a", &flat)])]))).count(BLUE);
    let mut with_gap = flat;
    with_gap[5] = None;
    let gap = drawn(&picture("x", Body::Charts(vec![chart(vec![line("a", &with_gap)])])));
    assert!(gap.count(BLUE) < gap_free * 9 / 10, "a gap is a gap");
    let mut partial = line("a", &flat);
    partial.points[9].is_partial = true;
    let dashed = drawn(&picture("x", Body::Charts(vec![chart(vec![partial])])));
    let columns = dashed.columns_with(BLUE, 200);
    let starts = columns.windows(2).filter(|pair| !pair[0] && pair[1]).count();
    assert!(starts > 5, "the last hour is dashed: {starts} pieces");
}

#[test]
fn a_letter_that_no_font_has_was_left_out_without_a_word() {
    let body = || Body::Nothing("Nothing".to_owned());
    let without = picture("日報", body()).png(&Fonts::new(None).unwrap()).unwrap();
    let plain = picture("Daily", body()).png(&Fonts::new(None).unwrap()).unwrap();
    let (without, plain) = (Decoded::of(&without), Decoded::of(&plain));
    assert!(without.height > plain.height + 20, "a note says which setting to make");
    let with = picture("日報", body()).png(&Fonts::new(Some(TWO_LETTERS.to_vec())).unwrap()).unwrap();
    let with = Decoded::of(&with);
    assert_eq!(with.height, plain.height, "no note: the operator's font has both letters");
    let ink = |decoded: &Decoded| decoded.count([0x14, 0x19, 0x22]);
    assert!(ink(&with) > ink(&without) * 2, "letters of that font are full, boxes are empty");
    assert!(Fonts::new(Some(b"not a font".to_vec())).is_err());
    assert!(Fonts::new(Some(TWO_LETTERS[..100].to_vec())).is_err());
}

#[test]
fn what_players_send_made_a_picture_fail_or_grow_without_end() {
    let long = "\u{202e}\u{0}長".repeat(10_000);
    let odd = [Some(f64::NAN), Some(f64::INFINITY), Some(-1e300), Some(1e300), None, Some(0.0)];
    let lines = (0..2 * LINES).map(|_| line(&long, &odd)).collect();
    drawn(&picture(&long, Body::Charts(vec![chart(lines); 9])));
    let table = Table {
        columns: vec![Column { name: long.clone(), is_number: false }; COLUMNS + 3],
        rows: vec![vec![long.clone(); COLUMNS + 3]; ROWS + 3],
        bars: Some((3, vec![Some(f64::NAN), Some(-1.0), None])),
    };
    drawn(&picture(&long, Body::Table(table)));
    drawn(&picture("", Body::Table(Table { columns: Vec::new(), rows: vec![Vec::new(); 3], bars: None })));
    drawn(&picture("", Body::Charts(vec![chart(Vec::new())])));
    let mut nowhere = chart(vec![line("a", &[Some(1.0), Some(2.0)])]);
    nowhere.range_ms = (i64::MAX, i64::MIN);
    drawn(&picture("", Body::Charts(vec![nowhere])));
}

#[test]
fn bars_were_as_long_as_each_other() {
    const BAR: [u8; 3] = [0xc9, 0xd4, 0xf5];
    let rows = ["a", "b"].map(|name| vec![name.to_owned(), "1".to_owned()]).to_vec();
    let columns = vec![
        Column { name: "channel".to_owned(), is_number: false },
        Column { name: "starts".to_owned(), is_number: true },
    ];
    let table = Table { columns, rows, bars: Some((1, vec![Some(100.0), Some(25.0)])) };
    let decoded = drawn(&picture("x", Body::Table(table)));
    let long: Vec<usize> = (0..decoded.height)
        .map(|y| (0..decoded.width).filter(|x| decoded.pixel(*x, y) == BAR).count())
        .filter(|count| *count > 0)
        .collect();
    let (longest, shortest) = (long.iter().max().unwrap(), long.iter().min().unwrap());
    assert!((longest / shortest).abs_diff(4) <= 1, "{longest} and {shortest}");
}
