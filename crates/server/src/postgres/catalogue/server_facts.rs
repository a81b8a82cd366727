//! What clients ask about the server: the words that have a meaning in its SQL, and since when it answers.

use std::sync::{Arc, LazyLock};
use std::time::{SystemTime, UNIX_EPOCH};

use datafusion::arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::arrow::error::ArrowError;
use datafusion::catalog::{TableFunctionImpl, TableProvider};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::datasource::MemTable;
use datafusion::logical_expr::{ColumnarValue, Expr, Volatility, create_udf};
use datafusion::prelude::SessionContext;
use datafusion::sql::sqlparser::keywords::{
    ALL_KEYWORDS, ALL_KEYWORDS_INDEX, RESERVED_FOR_COLUMN_ALIAS, RESERVED_FOR_TABLE_ALIAS,
};

/// Adds the functions to a session.
pub(super) fn register(context: &SessionContext) {
    context.register_udtf("pg_get_keywords", Arc::new(Keywords));
    let since = ScalarValue::TimestampMicrosecond(*SINCE_US, Some("UTC".into()));
    let answer = Arc::new(move |_: &[ColumnarValue]| Ok(ColumnarValue::Scalar(since.clone())));
    let moment = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    context.register_udf(create_udf("pg_postmaster_start_time", vec![], moment, Volatility::Stable, answer));
}

/// When the first client came, after the Unix epoch: the process that answers queries has no earlier business with it.
static SINCE_US: LazyLock<Option<i64>> = LazyLock::new(|| {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_micros()).ok()
});

#[derive(Debug)]
struct Keywords;

impl TableFunctionImpl for Keywords {
    fn call(&self, args: &[Expr]) -> Result<Arc<dyn TableProvider>> {
        if !args.is_empty() {
            return plan_err!("pg_get_keywords takes no arguments");
        }
        let rows = keywords()?;
        Ok(Arc::new(MemTable::try_new(rows.schema(), vec![vec![rows]])?))
    }
}

/// The words, in small letters, and how far each is reserved.
fn keywords() -> Result<RecordBatch, ArrowError> {
    let words: Vec<(String, bool)> = ALL_KEYWORDS
        .iter()
        .zip(ALL_KEYWORDS_INDEX)
        .map(|(word, keyword)| {
            let is_reserved =
                RESERVED_FOR_COLUMN_ALIAS.contains(keyword) || RESERVED_FOR_TABLE_ALIAS.contains(keyword);
            (word.to_lowercase(), is_reserved)
        })
        .collect();
    let texts = |text: fn(bool) -> &'static str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(words.iter().map(|(_, is_reserved)| text(*is_reserved))))
    };
    RecordBatch::try_from_iter([
        ("word", Arc::new(StringArray::from_iter_values(words.iter().map(|(word, _)| word))) as ArrayRef),
        ("catcode", texts(|is_reserved| if is_reserved { "R" } else { "U" })),
        ("barelabel", Arc::new(BooleanArray::from_iter(words.iter().map(|(_, is)| Some(!is)))) as ArrayRef),
        ("catdesc", texts(|is_reserved| if is_reserved { "reserved" } else { "unreserved" })),
        ("baredesc", texts(|is_reserved| if is_reserved { "requires AS" } else { "can be bare label" })),
    ])
}
