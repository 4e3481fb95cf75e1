// Creates sessions with the vendor's SDK and prints what came back, as one JSON value.
const sdk = require("connect-sdk-nodejs");

const [port, secret] = process.argv.slice(2);
const client = sdk.init({
  host: "127.0.0.1",
  port: Number(port),
  scheme: "http",
  integrator: "Tallystick",
  enableLogging: false,
  apiKeyId: "test-key-id",
  secretApiKey: secret,
});

async function main() {
  const idempotence = { key: "4f2c7b1e-0d5a-4d6a-9b3f-6a1f2e3d4c5b" };
  const tokens = ["126166b16ed04b3ab85fb06da1d7a167", "122c5b4d-dd40-49f0-b7c9-3594212167a9"];
  const answers = [
    await client.v1.sessions.create("1234", { tokens }, null),
    await client.v1.sessions.create("1234", {}, { idempotence }),
    await client.v1.sessions.create("1234", {}, { idempotence }),
  ];
  const told = answers.map((a) => ({ status: a.status, success: a.isSuccess, body: a.body }));
  console.log(JSON.stringify({ answers: told, repeated: idempotence.requestTimestamp ?? null }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
