//! Lines that are right, for extensions whose options must go together in a way that chance hardly finds.

use libfw::Family;

/// The extension that a line is for, and the line. `ADDRESS` stands for one of the rule's family.
const LINES: &[(&str, &str)] = &[
    ("addrtype", "-m addrtype --src-type LOCAL"),
    ("ah", "-p ah -m ah --ahspi 5:7"),
    ("cluster", "-m cluster --cluster-total-nodes 4 --cluster-hash-seed 7 --cluster-local-node 2"),
    ("connbytes", "-m connbytes --connbytes 5:7 --connbytes-dir both --connbytes-mode packets"),
    ("connlimit", "-m connlimit --connlimit-upto 5 --connlimit-mask 24"),
    ("conntrack", "-m conntrack --ctstate NEW --ctorigsrc ADDRESS --ctorigdstport 80 --ctexpire 5:7"),
    (
        "hashlimit",
        "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 7 --hashlimit-mode srcip --hashlimit-name web",
    ),
    ("hashlimit", "-m hashlimit --hashlimit-above 5kb/s --hashlimit-burst 50kb --hashlimit-name web"),
    ("multiport", "-p tcp -m multiport --dports 80,443,1000:2000"),
    ("osf", "-p tcp -m osf --genre Linux --ttl 1 --log 2"),
    ("policy", "-m policy --dir in --pol ipsec --strict --reqid 5 --spi 7 --proto esp --mode transport"),
    (
        "policy",
        "-m policy --dir out --pol ipsec --strict --mode tunnel --tunnel-src ADDRESS --tunnel-dst ADDRESS --next --proto esp",
    ),
    ("policy", "-m policy --dir in --pol ipsec --proto esp --reqid 7"),
    ("quota", "-m quota --quota 5000"),
    ("nfacct", "-m nfacct --nfacct-name web"),
    ("rateest", "-m rateest --rateest web --rateest-lt --rateest-bps 8bit"),
    (
        "rateest",
        "-m rateest --rateest-delta --rateest1 web --rateest-pps1 5 --rateest-gt --rateest2 web --rateest-pps2 7",
    ),
    ("recent", "-m recent --rcheck --seconds 60 --hitcount 4 --name web --rsource"),
    ("recent", "-m recent --set --name web --mask ADDRESS"),
    ("sctp", "-p sctp -m sctp --chunk-types any DATA,INIT --dport 80"),
    ("set", "-m set --match-set web src"),
    ("set", "-m set --match-set web dst --packets-eq 5 --bytes-gt 7"),
    ("srh", "-m srh --srh-next-hdr 6 --srh-segs-left-eq 5 --srh-psid ADDRESS"),
    ("statistic", "-m statistic --mode nth --every 7 --packet 5"),
    ("statistic", "-m statistic --mode random --probability 0.5"),
    ("string", "-m string --string web --algo bm --from 5 --to 100"),
    ("string", "-m string --hex-string |0a0b|c --algo kmp --icase"),
    ("tcp", "-p tcp -m tcp --sport 80 --dport 443 --tcp-flags SYN,ACK SYN"),
    ("time", "-m time --timestart 12:30 --timestop 7:05 --weekdays Mon,Tue --datestart 2030-01-01"),
    ("udp", "-p udp --dport 53 --sport 1024:65535"),
    ("CT", "-j CT --zone 5 --ctevents new,destroy"),
    ("DNAT", "-p tcp -j DNAT --to-destination ADDRESS --random"),
    ("DNPT", "-j DNPT --src-pfx 2001:db8::/64 --dst-pfx fd00::/64"),
    ("HMARK", "-j HMARK --hmark-tuple src,dst,sport --hmark-mod 10 --hmark-rnd 5 --hmark-offset 7"),
    (
        "HMARK",
        "-p tcp -j HMARK --hmark-src-prefix 24 --hmark-sport-mask 0xff --hmark-proto-mask 5 --hmark-mod 10",
    ),
    ("NFLOG", "-j NFLOG --nflog-group 5 --nflog-prefix web --nflog-threshold 7 --nflog-size 64"),
    ("NFQUEUE", "-j NFQUEUE --queue-balance 5:7 --queue-bypass --queue-cpu-fanout"),
    ("RATEEST", "-j RATEEST --rateest-name web --rateest-interval 250ms --rateest-ewmalog 1s"),
    ("REDIRECT", "-p tcp -j REDIRECT --to-ports 80-90 --random"),
    ("SET", "-j SET --add-set web src --timeout 5 --exist"),
    ("SET", "-j SET --map-set web src --map-mark"),
    ("SNAT", "-p udp -j SNAT --to-source ADDRESS --persistent"),
    ("SNPT", "-j SNPT --src-pfx 2001:db8::/64 --dst-pfx fd00::/64"),
    ("SYNPROXY", "-p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460"),
    ("TCPMSS", "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1400"),
    ("TCPMSS", "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"),
    ("TPROXY", "-p tcp -j TPROXY --on-port 80 --on-ip ADDRESS --tproxy-mark 0x1/0xff"),
];

/// The lines for an extension.
pub fn of(name: &str, family: Family) -> Vec<Vec<String>> {
    let address = if family == Family::Ipv4 { "10.1.2.3" } else { "2001:db8::1:2" };
    let words = |line: &str| line.split(' ').map(|word| word.replace("ADDRESS", address)).collect();
    LINES.iter().filter(|(known, _)| *known == name).map(|(_, line)| words(line)).collect()
}
