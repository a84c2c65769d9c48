// Bundles src/ and css/ into dist/ under hashed names and writes dist/manifest.json.
//   node build.mjs [out]      once
//   node build.mjs --watch    again at every change
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { context } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const watching = process.argv.includes("--watch");
const out = resolve(process.argv[2] && !watching ? process.argv[2] : join(here, "dist"));

/** Copy a file under a name that carries its content's hash; return that name. */
function copyHashed(name) {
  const content = readFileSync(join(here, name));
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  const [stem, extension] = name.split(/\.(?=[^.]+$)/);
  const hashed = `${stem}-${hash}.${extension}`;
  writeFileSync(join(out, hashed), content);
  return hashed;
}

/** Write manifest.json: the name a template says -> the file that is served. */
function writeManifest(metafile) {
  const manifest = {};
  for (const name of ["icons.svg", "mark.svg"]) manifest[name] = copyHashed(name);
  for (const [file, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    const entry = basename(dirname(output.entryPoint)) === "css" ? "app.css" : "core.js";
    manifest[entry] = basename(file);
  }
  writeFileSync(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 1)}\n`);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const job = await context({
  absWorkingDir: here,
  entryPoints: { core: "src/core/main.ts", app: "css/app.css" },
  bundle: true,
  minify: !watching,
  sourcemap: watching,
  format: "esm",
  target: "es2022",
  outdir: out,
  entryNames: "[name]-[hash]",
  metafile: true,
  legalComments: "linked",
  logLevel: "info",
  plugins: [
    {
      name: "manifest",
      setup(build) {
        build.onEnd((result) => result.metafile && writeManifest(result.metafile));
      },
    },
  ],
});
if (watching) await job.watch();
else {
  const result = await job.rebuild();
  await job.dispose();
  if (result.errors.length) process.exit(1);
}
