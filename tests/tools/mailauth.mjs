// What a mailbox provider makes of messages, by mailauth and a made-up zone.
//
//   mailauth.mjs ZONE.json IP SENDER MESSAGE...
//
// ZONE.json maps names to TXT texts; IP is where the mail came from, SENDER its return path.
// Prints one JSON object a message.
import fs from "node:fs";
import { authenticate } from "mailauth";

const [zoneFile, ip, sender, ...files] = process.argv.slice(2);
const zone = JSON.parse(fs.readFileSync(zoneFile));

async function resolver(name, type) {
  if (type === "TXT" && zone[name] !== undefined) {
    return [zone[name].match(/.{1,255}/g)];
  }
  throw Object.assign(new Error(`nothing at ${name}`), { code: "ENOTFOUND" });
}

for (const file of files) {
  const { dkim, spf, dmarc } = await authenticate(fs.readFileSync(file), {
    ip,
    sender,
    helo: "mx.news.test",
    mta: "mx.reader.test",
    resolver,
    minBitLength: 2048,
    disableArc: true,
    disableBimi: true,
  });
  const signatures = dkim.results.map(({ selector, signingDomain, algo, status, info }) => ({
    selector,
    domain: signingDomain,
    algorithm: algo,
    result: status.result,
    aligned: status.aligned || null,
    underSized: status.underSized || null,
    info,
  }));
  console.log(
    JSON.stringify({
      signatures,
      spf: spf && { result: spf.status.result, domain: spf.domain },
      dmarc: dmarc && {
        result: dmarc.status.result,
        policy: dmarc.policy,
        alignedByDkim: dmarc.alignment.dkim.result || null,
        alignedBySpf: dmarc.alignment.spf.result || null,
      },
    }),
  );
}
