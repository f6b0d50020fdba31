/** Order of installed packages in get_system_context: first those that programs use most. */

/** Names in the normal form of PEP 503. */
const IMPORTANT = `
  numpy pandas matplotlib scipy scikit-learn requests httpx aiohttp beautifulsoup4 lxml pillow openpyxl polars
  pyarrow duckdb seaborn plotly statsmodels sympy networkx torch transformers tensorflow opencv-python-headless
  opencv-python scikit-image xgboost pyyaml jinja2 pydantic sqlalchemy psycopg2-binary psycopg redis boto3
  openai anthropic playwright selenium pypdf pdfplumber pymupdf reportlab python-docx python-pptx xlsxwriter
  rich tqdm python-dateutil pytz orjson flask fastapi pytest nltk spacy geopandas
`
  .trim()
  .split(/\s+/)
const RANK = new Map(IMPORTANT.map((name, index) => [name, index]))

/** Rank of a package: less is more important, and all packages not named above have the same. `spec`: name==version. */
export function importance(spec: string): number {
  const name = (spec.split('==', 1)[0] ?? spec).toLowerCase().replace(/[-_.]+/g, '-')
  return RANK.get(name) ?? IMPORTANT.length
}
