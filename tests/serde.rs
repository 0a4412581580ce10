//! Rules, chains, tables, errors and the small values of which settings are made, in the traits of serde.
#![cfg(feature = "serde")]

use libfw::ext::values::{NatRange, Rate};
use libfw::matches::{CtState, PortSet};
use libfw::{
    AddrMask, BackendKind, Counters, ErrorKind, Family, Hook, Interface, Inv, MacAddr, MemoryKernel, Policy,
    PortRange, Protocol, Rule, Verdict, not,
};
use serde_json::{Value, json};

#[test]
fn rules_are_fields_of_other_types() {
    let rule =
        Rule::parse(Family::Ipv6, "-s 2001:db8::/32 -p tcp --dport 22 -m comment --comment \"a \\\"b\\\"\"")
            .unwrap();
    let value = serde_json::to_value(&rule).unwrap();
    assert_eq!(value, serde_json::from_str::<Value>(&rule.to_json()).unwrap());
    assert_eq!(value["matches"][0], json!({"match": "tcp", "dport": 22}));
    assert_eq!(serde_json::from_value::<Rule>(value.clone()).unwrap(), rule);
    let list: Vec<Option<Rule>> = serde_json::from_value(json!([value, null])).unwrap();
    assert!(list[0].as_ref() == Some(&rule) && list[1].is_none());

    let wrong = json!({"family": "ipv4", "matches": [{"match": "tcp", "dport": 70000}], "protocol": "tcp"});
    let error = serde_json::from_value::<Rule>(wrong).unwrap_err().to_string();
    assert!(error.starts_with("matches[0].dport: tcp: bad value"), "{error}");
    for wrong in
        [json!(3), json!([[], [[]]]), json!({"family": -1}), json!(1.5), json!(null), json!({"": {}})]
    {
        assert!(serde_json::from_value::<Rule>(wrong).is_err());
    }
}

/// What a program reads from its settings, in the words that tables in JSON have.
#[test]
fn small_values_are_fields_of_settings() {
    fn same<T>(value: T, text: &str)
    where
        T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        assert_eq!(serde_json::to_value(&value).unwrap(), json!(text));
        assert_eq!(serde_json::from_value::<T>(json!(text)).unwrap(), value);
        assert!(serde_json::from_value::<T>(json!(true)).is_err());
    }
    same(Family::Ipv6, "ipv6");
    same(Hook::Postrouting, "POSTROUTING");
    same(Policy::Drop, "DROP");
    same(Protocol::UDP, "udp");
    same("eth+".parse::<Interface>().unwrap(), "eth+");
    same("10.0.0.0/8".parse::<AddrMask>().unwrap(), "10.0.0.0/8");
    same(Verdict::Drop, "DROP");
    same(ErrorKind::NoSuchChain, "NoSuchChain");
    same(BackendKind::MemoryNft, "memory-nft");
    same(PortRange::new(80, 90), "80:90");
    same("5/min".parse::<Rate>().unwrap(), "5/min");
    same("00:11:22:33:44:55".parse::<MacAddr>().unwrap(), "00:11:22:33:44:55");
    same("10.0.0.1:8080".parse::<NatRange>().unwrap(), "10.0.0.1:8080");
    same(CtState::NEW | CtState::RELATED, "NEW,RELATED");
    same("22,80:90".parse::<PortSet>().unwrap(), "22,80:90");
    // What is inverted is so as in JSON.
    let (elsewhere, value): (Inv<AddrMask>, _) =
        (not("10.0.0.0/8".parse().unwrap()), json!({"not": "10.0.0.0/8"}));
    assert_eq!(serde_json::to_value(elsewhere).unwrap(), value);
    assert_eq!(serde_json::from_value::<Inv<AddrMask>>(value).unwrap(), elsewhere);
    same(Inv::new(false, PortRange::new(80, 90)), "80:90");
    assert_eq!(serde_json::from_value::<Inv<PortRange>>(json!({"not": 22})).unwrap(), not(22.into()));
    for wrong in [json!({}), json!({"no": "22"}), json!({"not": "22", "more": 1}), json!(null)] {
        assert!(serde_json::from_value::<Inv<PortRange>>(wrong).is_err());
    }
    // A number needs no quotes.
    assert_eq!(serde_json::from_value::<PortRange>(json!(22)).unwrap(), 22.into());
    assert_eq!(serde_json::from_value::<Protocol>(json!(6)).unwrap(), Protocol::TCP);
    assert!(serde_json::from_value::<PortRange>(json!("90:x")).is_err());
    let (counters, value) = (Counters::new(3, 180), json!({"packets": 3, "bytes": 180}));
    assert_eq!(serde_json::to_value(counters).unwrap(), value);
    assert_eq!(serde_json::from_value::<Counters>(value).unwrap(), counters);
    for wrong in [json!({"packets": 3}), json!({"packets": 3, "bytes": 1, "more": 2}), json!("3:180")] {
        assert!(serde_json::from_value::<Counters>(wrong).is_err());
    }
    let error = serde_json::from_value::<AddrMask>(json!("10.0.0.0/33")).unwrap_err().to_string();
    assert!(error.contains("10.0.0.0/33") || error.contains("33"), "{error}");
}

#[test]
fn tables_and_errors_are_what_their_texts_are() {
    let kernel = MemoryKernel::new().kernel();
    let mut table = kernel.open(Family::Ipv4, "filter").unwrap();
    table.chain_mut("INPUT").unwrap().append("-c 1 2 -j DROP").unwrap();
    let as_text: Value = serde_json::from_str(&table.to_json()).unwrap();
    assert_eq!(serde_json::to_value(&table).unwrap(), as_text);
    let chain = table.chain("INPUT").unwrap();
    assert_eq!(serde_json::to_value(chain).unwrap(), as_text["chains"][0]);
    assert_eq!(as_text["chains"][0]["rules"][0]["counters"], json!({"packets": 1, "bytes": 2}));
    let error = Rule::parse(Family::Ipv4, "-p tcp --dport x").unwrap_err();
    let value = serde_json::to_value(&error).unwrap();
    assert_eq!(value, serde_json::from_str::<Value>(&error.to_json()).unwrap());
    assert_eq!(
        (&value["kind"], &value["token"], &value["column"]),
        (&json!("InvalidValue"), &json!("x"), &json!(16))
    );
}
