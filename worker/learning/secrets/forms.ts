/** Secrets that are known by their own form, wherever they stand. */

/**
 * Marks of providers, and the rest of their secrets. A mark that could begin an ordinary name asks for letters and digits only, or for a
 * digit soon. A part without an upper bound stands at an end, where nothing can fail behind it: so every text is read once.
 */
const MARKED = [
  // this server, GitHub, GitLab, Bitbucket and Atlassian
  String.raw`mcpcm_[\w-]{20,}`,
  String.raw`gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}`,
  String.raw`gl(?:pat|dt|rt|ptt|ft|imt|agent|soat|oas|cbt|wt)-[\w.-]{16,}`,
  String.raw`AT(?:ATT|CTT|BB)[\w=-]{20,}`,
  // OpenAI, Anthropic and OpenRouter; Stripe; ElevenLabs
  String.raw`sk-(?=[\w-]{0,60}\d)[\w-]{16,}`,
  String.raw`[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[\w+/=]{16,}|sk_[0-9a-f]{40,}`,
  // xAI, Groq, Perplexity, Replicate, Hugging Face, Nvidia, Pinecone, Tavily, Firecrawl, Jina, LangSmith
  String.raw`xai-[A-Za-z0-9]{40,}|gsk_[A-Za-z0-9]{40,}|pplx-[A-Za-z0-9]{32,}|r8_[A-Za-z0-9]{30,}`,
  String.raw`hf_[A-Za-z0-9]{20,}|nvapi-[\w-]{40,}|pcsk_\w{20,}|tvly-[\w-]{20,}|fc-[0-9a-f]{32}`,
  String.raw`jina_[A-Za-z0-9]{40,}|lsv2_[ps][tk]_\w{20,}`,
  // Slack, Discord, Telegram
  String.raw`xox[a-z](?:\.xox[a-z])?-[\w-]{10,}|xapp-[\w-]{10,}`,
  String.raw`[MNO](?=[\w.-]{0,60}\d)[\w-]{23,27}\.[\w-]{6}\.[\w-]{27,}`,
  String.raw`(?:bot)?\d{8,10}:[\w-]{35}(?![\w-])`,
  // Twilio, SendGrid, Mailgun twice, Mailchimp, Brevo, Resend
  String.raw`SK[0-9a-f]{32}|SG\.[\w-]{16,64}\.[\w-]{16,}`,
  String.raw`key-[0-9a-f]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}`,
  String.raw`[0-9a-f]{32}-us\d{1,2}|xkeysib-[0-9a-f]{40,}(?:-\w+)?|re_[A-Za-z0-9]{8}_[A-Za-z0-9]{16,}`,
  // AWS, Alibaba, Tencent; Google; Microsoft Entra
  String.raw`(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])|ABSK[\w+/]{40,}={0,2}|LTAI[A-Za-z0-9]{12,}|AKID[A-Za-z0-9]{13,}`,
  String.raw`AIza[\w-]{30,}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|1\/\/0[\w-]{20,}`,
  String.raw`[\w~.-]{3}8Q~[\w~.-]{31,}`,
  // DigitalOcean, Heroku, Fly, Render, Netlify, Tailscale, Cloudflare
  String.raw`do[opr]_v1_[0-9a-f]{32,}|HRKU-[\w-]{30,}|fm[12]_[\w+/=]{20,}|fo1_[\w-]{30,}|rnd_[A-Za-z0-9]{20,}`,
  String.raw`nfp_[A-Za-z0-9]{30,}|tskey-\w{1,20}-[\w-]{10,}|cf(?:ut|at|k)_[A-Za-z0-9]{20,}|v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}`,
  // Databricks, Pulumi, Vault, Terraform, Doppler
  String.raw`dapi[0-9a-f]{32}(?:-\d)?|pul-[0-9a-f]{40}|hv[sbr]\.[\w-]{20,}`,
  String.raw`[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,}|dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{30,}`,
  // PlanetScale, Supabase, Airtable, Dynatrace; Grafana, New Relic, Sentry, Postman, PostHog
  String.raw`pscale_(?:tkn|pw|oauth)_[\w=.-]{20,}|sbp_[0-9a-f]{40}|sb_secret_[\w-]{20,}`,
  String.raw`pat[A-Za-z0-9]{14}\.[0-9a-f]{64}|dt0[a-z]\d\d\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{64}`,
  String.raw`glsa_\w{20,}|glc_[\w+/=]{20,}|NRAK-[A-Za-z0-9]{27}|sntry[su]_[\w+/=-]{30,}`,
  String.raw`PMAK-[0-9a-f]{24}-[0-9a-f]{34}|phx_[A-Za-z0-9]{30,}`,
  // npm, PyPI, RubyGems, Docker, crates.io, NuGet
  String.raw`npm_[A-Za-z0-9]{30,}|pypi-[\w-]{30,}|rubygems_[0-9a-f]{40,}|dckr_[po]at_[\w-]{20,}`,
  String.raw`cio[A-Za-z0-9]{32}(?!\w)|oy2[a-z0-9]{43}`,
  // Shopify, Square, Facebook, Shippo; Linear, Notion, Figma, HubSpot, Contentful, Apify, Typeform
  String.raw`shp(?:at|ca|pa|ss)_[0-9a-f]{20,}|sq0[a-z]{3}-[\w-]{20,}|EAAA[\w-]{50,}|EAA[A-Z][A-Za-z0-9]{60,}`,
  String.raw`shippo_(?:live|test)_[A-Za-z0-9]{30,}|lin_(?:api|oauth)_[A-Za-z0-9]{20,}`,
  String.raw`secret_[A-Za-z0-9]{43}(?!\w)|ntn_[A-Za-z0-9]{20,}|figd_[\w-]{20,}|pat-(?:na|eu)\d-[0-9a-f-]{36}`,
  String.raw`CFPAT-[\w-]{40,}|apify_api_[A-Za-z0-9]{30,}|tfp_[\w-]{40,}`,
  // age
  String.raw`AGE-SECRET-KEY-1[0-9A-Z]{20,}`,
].join('|')

/** A part of a JSON web token. */
const PART = String.raw`[\w-]{8,}`
const KEY_BLOCK = '[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?'

/** Whole secrets. */
export const FORMS: readonly RegExp[] = [
  // Key blocks up to their end, or, when that was cut off, to the end of the text: PEM and PGP, then SSH2, then PuTTY.
  new RegExp(`-----BEGIN ${KEY_BLOCK}-----[\\s\\S]*?(?:-----END ${KEY_BLOCK}-----|$)`, 'g'),
  /---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----[\s\S]*?(?:---- END SSH2 ENCRYPTED PRIVATE KEY ----|$)/g,
  /(?<=\bPrivate-Lines: \d{1,3}\n)(?:[A-Za-z0-9+/=]{1,80}(?:\n|$))+/g,
  // Signed and encrypted JSON web tokens; a signature may be empty. Mapbox has a mark in place of their first part.
  new RegExp(`(?<![\\w-])(?:sk\\.eyJ${PART}\\.${PART}|eyJ${PART}\\.${PART}(?:\\.[\\w-]*){1,3})`, 'g'),
  new RegExp(`(?<![A-Za-z0-9_])(?:${MARKED})`, 'g'),
  // Hashes of passwords, which can be guessed.
  /(?<![A-Za-z0-9])\$(?:2[abxy]?|[156y]|argon2(?:id?|d)|scrypt|pbkdf2-sha\d{1,3})\$[\w./$=,+-]{20,}/g,
]
