//! What the ids of one [`Names`] are called in another: how names that threads met by themselves become one.

use crate::model::names::Names;
use crate::model::operation::{OpId, Operation};
use crate::model::resource::{Resource, ResourceId};
use crate::model::sym::Sym;
use crate::model::target::{Target, TargetId};

/// The ids of one [`Names`], in their order, as another knows them.
///
/// ```text
/// thread 1   0 ""   1 "cart"   2 "GET"          all   0 ""   1 "cart"   2 "GET"   3 "payment"
/// thread 2   0 ""   1 "GET"    2 "payment"             its renaming: 0 -> 0, 1 -> 2, 2 -> 3
/// ```
#[derive(Debug, Default)]
pub struct Renaming {
    syms: Vec<Sym>,
    operations: Vec<OpId>,
    resources: Vec<ResourceId>,
    targets: Vec<TargetId>,
}

impl Renaming {
    /// Every id of `names` as it is; from now on `names` stores what others bring in, which was bounded where it was met.
    pub fn base(names: &mut Names) -> Self {
        names.lift_bound();
        let all = |count: usize| 0..u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            syms: all(names.strings.values().len()).map(Sym).collect(),
            operations: all(names.operations.values().len()).map(OpId).collect(),
            resources: all(names.resources.values().len()).map(ResourceId).collect(),
            targets: all(names.targets.values().len()).map(TargetId).collect(),
        }
    }

    /// Adds to `names` all that `more` knows, and says what its ids are called there.
    pub fn adopt(names: &mut Names, more: &Names) -> Self {
        names.beyond_bound += more.beyond_bound;
        let syms: Vec<Sym> = more.strings.values().iter().map(|text| names.intern(text)).collect();
        let mut renaming = Self { syms, ..Self::default() };
        let sym = |sym: Sym| renaming.sym(sym.0);
        let operations = more.operations.values().iter().map(|known| {
            names.operation(Operation { service: sym(known.service), name: sym(known.name), kind: known.kind })
        });
        let operations = operations.collect();
        let pair = |&(key, value): &(Sym, Sym)| (sym(key), sym(value));
        let renamed = |list: &[(Sym, Sym)]| list.iter().map(pair).collect::<Vec<_>>();
        let attributes: Vec<_> = more.attributes.values().iter().map(|list| names.attributes(&renamed(list))).collect();
        let resources = more.resources.values().iter().map(|known| {
            names.resource(Resource {
                service: sym(known.service),
                version: sym(known.version),
                instance: sym(known.instance),
                host: sym(known.host),
                attributes: attributes.get(known.attributes.0 as usize).copied().unwrap_or_default(),
            })
        });
        let resources = resources.collect();
        let targets = more.targets.values().iter().map(|known| {
            names.target(Target {
                class: known.class,
                system: sym(known.system),
                peer_service: sym(known.peer_service),
                rpc_service: sym(known.rpc_service),
                address: sym(known.address),
                port: known.port,
                resource: sym(known.resource),
            })
        });
        let targets = targets.collect();
        (renaming.operations, renaming.resources, renaming.targets) = (operations, resources, targets);
        renaming
    }

    /// The new symbol for the number of an old one.
    #[must_use]
    pub fn sym(&self, number: u32) -> Sym {
        self.syms.get(number as usize).copied().unwrap_or_default()
    }

    /// The new id for the number of an old operation.
    #[must_use]
    pub fn operation(&self, number: u32) -> OpId {
        self.operations.get(number as usize).copied().unwrap_or_default()
    }

    /// The new id for the number of an old resource.
    #[must_use]
    pub fn resource(&self, number: u32) -> ResourceId {
        self.resources.get(number as usize).copied().unwrap_or_default()
    }

    /// The new id for the number of an old target.
    #[must_use]
    pub fn target(&self, number: u32) -> TargetId {
        self.targets.get(number as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::span_kind::SpanKind;

    #[test]
    fn names_keep_their_meaning_under_new_ids() {
        let (mut all, mut more) = (Names::new(), Names::new());
        all.intern("first");
        let service = more.intern("cart");
        let name = more.intern("GET");
        let id = more.operation(Operation { service, name, kind: SpanKind::Server });
        let renaming = Renaming::adopt(&mut all, &more);
        let operation = all.operation_of(renaming.operation(id.number()));
        assert_eq!((all.text(operation.service), all.text(operation.name)), ("cart", "GET"));
        assert_eq!(operation.kind, SpanKind::Server);
        assert_eq!(renaming.sym(Sym::EMPTY.number()), Sym::EMPTY);
        assert_eq!(renaming.target(TargetId::NONE.number()), TargetId::NONE);
    }
}
