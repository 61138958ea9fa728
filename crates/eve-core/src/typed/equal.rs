//! Equality: of one type (or shape), and equal number by number at the moment of the comparison.

use super::array::ArrayView;
use super::records::RecordsView;
use crate::error::Result;
use crate::layout::schema::Fields;
use crate::value::Column;

/// Are two arrays equal?
pub(crate) fn arrays(a: ArrayView<'_>, b: ArrayView<'_>) -> bool {
    Column::Stored(a) == Column::Stored(b)
}

/// Are typed objects equal? Their fields may be in another order.
pub(crate) fn records(a: RecordsView<'_>, b: RecordsView<'_>) -> Result<bool> {
    if a.is_one() != b.is_one() || a.rows() != b.rows() || a.fields() != b.fields() {
        return Ok(false);
    }
    let Some(mut fields) = Fields::new(a.shape()) else { return Ok(false) };
    let mut number = 0;
    while let Some(field) = fields.step() {
        let theirs = field.and_then(|field| b.field(field.name));
        let Some(theirs) = theirs else { return Ok(false) };
        if !arrays(a.column(number)?, b.column(theirs)?) {
            return Ok(false);
        }
        number += 1;
    }
    Ok(true)
}
