//! SQL functions about the connection: its settings, its number, and what it says it is.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, create_udf,
};
use datafusion::prelude::SessionContext;
use parking_lot::Mutex;

use crate::postgres::session::known_settings::SERVER_VERSION;
use crate::postgres::session::settings::{Settings, unknown};

/// Makes the functions of a connection known.
pub(in crate::postgres) fn register(context: &SessionContext, settings: &Arc<Mutex<Settings>>, number: i32) {
    context.register_udf(ScalarUDF::from(SettingFunction::new("current_setting", false, settings)));
    context.register_udf(ScalarUDF::from(SettingFunction::new("set_config", true, settings)));
    let version = format!(
        "PostgreSQL {SERVER_VERSION} (Playhead {}) on {}-{}, 64-bit",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS
    );
    let constants = [
        ("version", ScalarValue::from(version.as_str())),
        ("pg_backend_pid", ScalarValue::from(number)),
        // There are no such locks, so none is left.
        ("pg_advisory_unlock_all", ScalarValue::from("")),
    ];
    for (name, value) in constants {
        let data_type = value.data_type();
        let function = Arc::new(move |_: &[ColumnarValue]| Ok(ColumnarValue::Scalar(value.clone())));
        context.register_udf(create_udf(name, vec![], data_type, Volatility::Stable, function));
    }
}

/// `current_setting(name [, missing_ok])` or `set_config(name, value, is_local)`.
#[derive(Debug)]
struct SettingFunction {
    name: &'static str,
    sets: bool,
    settings: Arc<Mutex<Settings>>,
    signature: Signature,
}

impl PartialEq for SettingFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && Arc::ptr_eq(&self.settings, &other.settings)
    }
}

impl Eq for SettingFunction {}

impl std::hash::Hash for SettingFunction {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl SettingFunction {
    fn new(name: &'static str, sets: bool, settings: &Arc<Mutex<Settings>>) -> Self {
        let (text, truth) = (DataType::Utf8, DataType::Boolean);
        let signature = if sets {
            Signature::exact(vec![text.clone(), text, truth], Volatility::Volatile)
        } else {
            let forms =
                [vec![text.clone()], vec![text, truth]].map(datafusion::logical_expr::TypeSignature::Exact);
            Signature::one_of(forms.to_vec(), Volatility::Stable)
        };
        Self { name, sets, settings: settings.clone(), signature }
    }

    /// The value of the setting that a row names, which is changed before if it is to be.
    fn of_row(&self, name: Option<&str>, value: Option<&str>, flag: bool) -> Result<Option<String>> {
        let told = |told| DataFusionError::External(Box::new(told));
        let mut settings = self.settings.lock();
        let Some(name) = name else {
            // PostgreSQL gives null for a null, and refuses to set one.
            return if self.sets { Err(told(unknown(""))) } else { Ok(None) };
        };
        if self.sets {
            settings.set(name, value, flag).map_err(told)?;
        }
        match settings.shown(name) {
            None if !self.sets && flag => Ok(None),
            None => Err(told(unknown(name))),
            shown => Ok(shown),
        }
    }
}

impl ScalarUDFImpl for SettingFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_scalar = arguments.args.iter().all(|argument| matches!(argument, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { arguments.number_rows };
        let columns: Vec<ArrayRef> =
            arguments.args.into_iter().map(|argument| argument.into_array(rows)).collect::<Result<_>>()?;
        let text = |column: Option<&ArrayRef>| column.map(|column| cast(column, &DataType::Utf8)).transpose();
        let (names, values) = (text(columns.first())?, if self.sets { text(columns.get(1))? } else { None });
        let flags = columns.get(if self.sets { 2 } else { 1 });
        let values: Vec<Option<String>> = (0..rows)
            .map(|row| {
                let at = |texts: Option<&ArrayRef>| {
                    let texts = texts?.as_string::<i32>();
                    texts.is_valid(row).then(|| texts.value(row).to_owned())
                };
                let flag = flags.is_some_and(|flags| flags.is_valid(row) && flags.as_boolean().value(row));
                self.of_row(at(names.as_ref()).as_deref(), at(values.as_ref()).as_deref(), flag)
            })
            .collect::<Result<_>>()?;
        Ok(match (is_scalar, values.first()) {
            (true, Some(value)) => ColumnarValue::Scalar(ScalarValue::Utf8(value.clone())),
            _ => ColumnarValue::Array(Arc::new(StringArray::from(values))),
        })
    }
}
