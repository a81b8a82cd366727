//! Spans in a list of which most sessions have one: a single span takes no memory of its own.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Spans as memory for so many is taken at first.
const FIRST_CAPACITY: usize = 2;

/// A list of spans.
#[derive(Debug, Clone, Default)]
pub(crate) enum SpanList<T> {
    #[default]
    Empty,
    One((T, T)),
    Many(Vec<(T, T)>),
}

impl<T: Copy> SpanList<T> {
    pub(crate) fn as_slice(&self) -> &[(T, T)] {
        match self {
            Self::Empty => &[],
            Self::One(span) => std::slice::from_ref(span),
            Self::Many(spans) => spans,
        }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [(T, T)] {
        match self {
            Self::Empty => &mut [],
            Self::One(span) => std::slice::from_mut(span),
            Self::Many(spans) => spans,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.as_slice().len()
    }

    pub(crate) fn push(&mut self, span: (T, T)) {
        self.insert(self.len(), span);
    }

    /// Inserts a span before the one at `place`, which is at most the length.
    pub(crate) fn insert(&mut self, place: usize, span: (T, T)) {
        match self {
            Self::Empty => *self = Self::One(span),
            Self::One(only) => {
                let mut spans = Vec::with_capacity(FIRST_CAPACITY);
                spans.push(*only);
                spans.insert(place, span);
                *self = Self::Many(spans);
            }
            Self::Many(spans) => spans.insert(place, span),
        }
    }

    /// Removes the spans of these places.
    pub(crate) fn remove(&mut self, places: Range<usize>) {
        match self {
            Self::Empty => {}
            Self::One(_) if places.contains(&0) => *self = Self::Empty,
            Self::One(_) => {}
            Self::Many(spans) => {
                spans.drain(places);
                match spans[..] {
                    [] => *self = Self::Empty,
                    [only] => *self = Self::One(only),
                    _ => {}
                }
            }
        }
    }

    pub(crate) fn into_vec(self) -> Vec<(T, T)> {
        match self {
            Self::Empty => Vec::new(),
            Self::One(span) => vec![span],
            Self::Many(spans) => spans,
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        match self {
            Self::Empty | Self::One(_) => 0,
            Self::Many(spans) => spans.capacity() * size_of::<(T, T)>(),
        }
    }
}

impl<T: Copy + PartialEq> PartialEq for SpanList<T> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<T: Copy + Eq> Eq for SpanList<T> {}

impl<T: Copy + Serialize> Serialize for SpanList<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_slice().serialize(serializer)
    }
}

impl<'de, T: Copy + Deserialize<'de>> Deserialize<'de> for SpanList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(SpansVisitor(PhantomData))
    }
}

struct SpansVisitor<T>(PhantomData<T>);

impl<'de, T: Copy + Deserialize<'de>> Visitor<'de> for SpansVisitor<T> {
    type Value = SpanList<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of spans")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<SpanList<T>, A::Error> {
        let mut spans = SpanList::Empty;
        while let Some(span) = items.next_element()? {
            spans.push(span);
        }
        Ok(spans)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_what_a_vector_would_be() {
        let (mut list, mut vector) = (SpanList::Empty, Vec::new());
        for step in 0_usize..1_000 {
            let place = (step * 7) % (vector.len() + 1);
            if step % 5 < 3 {
                list.insert(place, (step, step + 1));
                vector.insert(place, (step, step + 1));
            } else {
                let end = (place + step % 4).min(vector.len());
                list.remove(place..end);
                vector.drain(place..end);
            }
            assert_eq!(list.as_slice(), vector);
            assert_eq!(list.as_mut_slice(), vector);
            assert_eq!((list.len(), list.heap_bytes() == 0), (vector.len(), vector.len() < 2));
            if vector.len() > 6 {
                list.remove(0..6);
                vector.drain(0..6);
            }
        }
        assert_eq!(list.into_vec(), vector);
    }

    #[test]
    fn a_list_takes_no_more_than_a_vector() {
        assert_eq!(size_of::<SpanList<i64>>(), size_of::<Vec<i64>>());
    }
}
