//! Functions that the queries need and the query engine lacks.

/// What a function that stands in for one of the engine, its field `inner`, says as that one does: for use in an
/// implementation of `ScalarUDFImpl`.
macro_rules! says_as_inner {
    () => {
        fn name(&self) -> &str {
            self.inner.name()
        }

        fn aliases(&self) -> &[String] {
            self.inner.aliases()
        }

        fn signature(&self) -> &datafusion::logical_expr::Signature {
            self.inner.signature()
        }

        fn return_type(
            &self,
            arg_types: &[datafusion::arrow::datatypes::DataType],
        ) -> datafusion::common::Result<datafusion::arrow::datatypes::DataType> {
            self.inner.return_type(arg_types)
        }

        fn documentation(&self) -> Option<&datafusion::logical_expr::Documentation> {
            self.inner.documentation()
        }
    };
}

pub(crate) mod bucket;
pub(crate) mod date_part;
pub mod float_text;
pub(crate) mod growing;
pub mod lengths;
pub(crate) mod postgres;
pub(crate) mod quantile;
pub(crate) mod session_key;
pub(crate) mod state;
pub(crate) mod type_texts;
