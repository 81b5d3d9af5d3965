//! Converts form values into other types: numbers, booleans, options, enums, and lists from
//! repeated fields.
//!
//! Conversion is strict: a number has only digits, a boolean is `true`, `false` or a checkbox's
//! `on`, and an empty option is `None`.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

type Error = serde_json::Error;

/// The fields of a form, as a deserializer for a struct.
pub fn fields_of<'de>(
    pairs: impl IntoIterator<Item = (String, String)>,
) -> MapDeserializer<'de, std::vec::IntoIter<(String, FormValue)>, Error> {
    let mut fields: Vec<(String, FormValue)> = Vec::new();
    for (name, value) in pairs {
        // `filter.role` is the field `role` of `filter`.
        let (outer, inner) = name.split_once('.').map_or((name.as_str(), None), |(outer, inner)| (outer, Some(inner)));
        let at = fields.iter().position(|(known, _)| known == outer).unwrap_or_else(|| {
            fields.push((outer.to_owned(), FormValue::default()));
            fields.len() - 1
        });
        let field = &mut fields[at].1;
        match inner {
            Some(inner) => field.nested.push((inner.to_owned(), value)),
            None => field.texts.push(value),
        }
    }
    MapDeserializer::new(fields.into_iter())
}

/// The values of one field: at least one text, or the fields within it.
#[derive(Default)]
pub struct FormValue {
    texts: Vec<String>,
    nested: Vec<(String, String)>,
}

impl FormValue {
    fn one(self) -> Result<String, Error> {
        let texts = if self.nested.is_empty() { self.texts } else { Vec::new() };
        <[String; 1]>::try_from(texts).map(|[text]| text).map_err(|_| Error::custom("a field comes once"))
    }

    fn number<T: std::str::FromStr>(self) -> Result<T, Error> {
        let text = self.one()?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten().ok_or_else(|| Error::custom("a number is digits"))
    }
}

macro_rules! numbers {
    ($($deserialize:ident $visit:ident $type:ty;)*) => {
        $(fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.number::<$type>()?)
        })*
    };
}

impl<'de> Deserializer<'de> for FormValue {
    type Error = Error;

    numbers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.nested.is_empty() {
            true => visitor.visit_string(self.one()?),
            false => self.deserialize_map(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.texts.is_empty() {
            true => visitor.visit_map(fields_of(self.nested)),
            false => Err(Error::custom("a field has either a value or fields")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.one()?.as_str() {
            "true" | "on" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Error::custom("a checkbox is true, on or false")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.texts.as_slice() {
            [text] if text.is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if !self.nested.is_empty() {
            return Err(Error::custom("a list has no fields"));
        }
        let each = self.texts.into_iter().map(|text| FormValue { texts: vec![text], nested: Vec::new() });
        visitor.visit_seq(SeqDeserializer::new(each))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.one()?.into_deserializer())
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct identifier
        ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for FormValue {
    type Deserializer = FormValue;

    fn into_deserializer(self) -> FormValue {
        self
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use crate::model::form::read_query;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Order {
        ByName,
        LastActive,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields, default)]
    struct Wanted {
        limit: u8,
        offset: i64,
        ended: bool,
        order: Option<Order>,
        version: Option<u32>,
        ids: Vec<String>,
        permissions: Vec<u32>,
        filter: Option<Filter>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Filter {
        q: String,
        ended: bool,
    }

    fn read(query: &str) -> Option<Wanted> {
        read_query(query).ok()
    }

    #[test]
    fn numbers_booleans_options_enums_and_lists_are_parsed() {
        let asked = read("limit=200&offset=-5&ended=on&order=lastActive&version=7&ids=b&ids=a&ids=b&permissions=1");
        let wanted = Wanted {
            limit: 200,
            offset: -5,
            ended: true,
            order: Some(Order::LastActive),
            version: Some(7),
            ids: ["b", "a", "b"].map(str::to_owned).into(),
            permissions: vec![1],
            filter: None,
        };
        assert_eq!(asked, Some(wanted));
        assert_eq!(read(""), Some(Wanted::default()));
        assert_eq!(read("version=&order=&ids="), Some(Wanted { ids: vec![String::new()], ..Wanted::default() }));
        let filter = read("filter.q=a.b&filter.ended=on&limit=1").and_then(|asked| asked.filter);
        assert_eq!(filter, Some(Filter { q: "a.b".to_owned(), ended: true }));
        assert_eq!(read("limit=007").map(|asked| asked.limit), Some(7));
    }

    #[test]
    fn malformed_values_are_rejected() {
        for bad in [
            "limit=",
            "limit=256",
            "limit=-1",
            "limit=+1",
            "limit=1.5",
            "limit=1e2",
            "limit=%201",
            "limit=1%20",
            "limit=٣",
            "limit=0x1",
            "offset=-",
            "offset=--1",
            "offset=99999999999999999999",
            "limit=1&limit=1",
            "ended=1",
            "ended=TRUE",
            "ended=",
            "ended=on&ended=off",
            "order=by_name",
            "order=byName&order=byName",
            "version=x",
            "version=1&version=",
            "permissions=1&permissions=x",
            "unknown=1",
            "filter=x",
            "filter.q=a&filter.q=b",
            "filter.unknown=1",
            "filter.q=a&filter=b",
            "ids.a=1",
            "limit.a=1",
            "ids[]=1",
            "limit=%zz",
            "ids=%ff",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
