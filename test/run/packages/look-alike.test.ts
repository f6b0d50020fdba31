import { expect, test } from 'vitest'
import { editDistance } from '../../../worker/run/packages/look-alike.ts'
import { judgeImport, judgePackage } from '../../../worker/run/packages/policy.ts'

const POLICY = { auto_install: true, allowed_packages: [], blocked_packages: [], network: 'open' as const }

test.each([
  ['reqeusts', 'requests'],
  ['request', 'requests'],
  ['requets', 'requests'],
  ['requestss', 'requests'],
  ['rrequests', 'requests'],
  ['requests2', 'requests'],
  ['python-requests', 'requests'],
  ['requests-python', 'requests'],
  ['py-requests', 'requests'],
  ['python3-requests', 'requests'],
  ['numppy', 'numpy'],
  ['nunpy', 'numpy'],
  ['nmupy', 'numpy'],
  ['numpyy', 'numpy'],
  ['py-numpy', 'numpy'],
  ['pandsa', 'pandas'],
  ['panads', 'pandas'],
  ['pandass', 'pandas'],
  ['padnas', 'pandas'],
  ['python-pandas', 'pandas'],
  ['matplotlb', 'matplotlib'],
  ['matplotlip', 'matplotlib'],
  ['mathplotlib', 'matplotlib'],
  ['matplotilb', 'matplotlib'],
  ['mat-plot-lib', 'matplotlib'],
  ['beautifulsop4', 'beautifulsoup4'],
  ['beautifulsoup5', 'beautifulsoup4'],
  ['beautiful-soup4', 'beautifulsoup4'],
  ['beutifulsoup4', 'beautifulsoup4'],
  ['scikitlearn', 'scikit-learn'],
  ['scikit-leran', 'scikit-learn'],
  ['scikt-learn', 'scikit-learn'],
  ['sci-kit-learn', 'scikit-learn'],
  ['tensorfow', 'tensorflow'],
  ['tensroflow', 'tensorflow'],
  ['tensor-flow', 'tensorflow'],
  ['tensorflw', 'tensorflow'],
  ['dajngo', 'django'],
  ['djnago', 'django'],
  ['djanga', 'django'],
  ['flaks', 'flask'],
  ['flaskk', 'flask'],
  ['fastpai', 'fastapi'],
  ['fast-api', 'fastapi'],
  ['urlib3', 'urllib3'],
  ['urllib4', 'urllib3'],
  ['urllib33', 'urllib3'],
  ['selenuim', 'selenium'],
  ['seleniun', 'selenium'],
  ['openpyexl', 'openpyxl'],
  ['opnepyxl', 'openpyxl'],
  ['python-pillow', 'pillow'],
  ['pilow', 'pillow'],
  ['pillows', 'pillow'],
  ['sqlalchmey', 'sqlalchemy'],
  ['sql-alchemy', 'sqlalchemy'],
  ['pydantc', 'pydantic'],
  ['pydnatic', 'pydantic'],
  ['cryptograhpy', 'cryptography'],
  ['crytography', 'cryptography'],
  ['python-cryptography', 'cryptography'],
  ['colorma', 'colorama'],
  ['colourama', 'colorama'],
  ['plotyl', 'plotly'],
  ['seabron', 'seaborn'],
  ['seabornn', 'seaborn'],
  ['scpiy', 'scipy'],
  ['scippy', 'scipy'],
  ['polras', 'polars'],
  ['tqmd', 'tqdm'],
  ['rihc', 'rich'],
  ['torhc', 'torch'],
  ['transfomers', 'transformers'],
  ['tranformers', 'transformers'],
  ['hugging-face-hub', 'huggingface-hub'],
  ['langchian', 'langchain'],
  ['lang-chain', 'langchain'],
  ['opeanai', 'openai'],
  ['openaii', 'openai'],
  ['antropic', 'anthropic'],
  ['anthorpic', 'anthropic'],
  ['pyaml-', null],
  ['pyymal', 'pyyaml'],
  ['py-yaml', 'PyYAML'],
  ['python-dotnev', 'python-dotenv'],
  ['pythondotenv', 'python-dotenv'],
  ['setuptool', 'setuptools'],
  ['setup-tools', 'setuptools'],
  ['boto33', 'boto3'],
  ['botocor', 'botocore'],
  ['jinja', 'jinja2'],
  ['jinja22', 'jinja2'],
  ['psycopg2-binray', 'psycopg2-binary'],
  ['google-cloud-storag', 'google-cloud-storage'],
  ['opencv-pyhton', 'opencv-python'],
  ['colections', 'collections'],
  ['datetiem', 'datetime'],
  ['subproces', 'subprocess'],
  ['itertool', 'itertools'],
  ['skleran', 'scikit-learn'],
  ['dotnev', 'python-dotenv'],
  ['yalm', 'PyYAML'],
] satisfies [string, string | null][])('pip_install %s: did you mean %s', (name, meant) => {
  expect(judgePackage(name, POLICY)).toMatchObject({ suggestion: meant })
})

test.each([
  ['reqeusts', 'requests'],
  ['numppy', 'numpy'],
  ['skleran', 'sklearn'],
  ['yalm', 'yaml'],
  ['jsno', 'json'],
  ['mathplotlib', 'matplotlib'],
  ['colections', 'collections'],
  ['opencv_pyhton', 'cv2'],
  ['pilllow', 'PIL'],
  ['python_dateutils', 'dateutil'],
])('import %s: did you mean %s', (module, meant) => {
  expect(judgeImport(module, POLICY)).toMatchObject({ refused: { why: 'look_alike', suggestion: meant } })
})

/** Real packages, of all sorts, with those that lie near another on purpose. */
const REAL = `
  aiofiles aiosqlite alembic altair ansible anyio appdirs apscheduler arq arrow asgiref astropy asyncpg attrs authlib autopep8 awscli babel bandit bcrypt
  biopython black bleach blinker bokeh boto boto3 botocore bottle brotli cachetools catboost celery certifi cffi chardet charset-normalizer cherrypy click
  cloudpickle colorama coloredlogs colorlog cookiecutter coverage croniter cryptography cssselect cupy cycler cython dash dask datasets dateparser deepdiff
  defusedxml dill distro django django-filter djangorestframework dnspython docker docopt docutils duckdb einops elasticsearch emoji fabric
  faker falcon fastapi fastparquet feedparser filelock fiona fire flake8 flask flask-cors flask-login folium fonttools fpdf fpdf2 freezegun fsspec
  future fuzzywuzzy gensim geopandas geopy gevent gitpython gradio graphene graphviz greenlet grpcio gspread gunicorn h5py html5lib html2text httplib2 httpx
  huggingface-hub humanize hypothesis igraph ijson imageio imbalanced-learn inflect influxdb ipython isort itsdangerous jax jaxlib jedi jellyfish jinja2
  jmespath joblib json5 jsonlines jsonpickle jsonschema jupyter kafka-python keras kivy kubernetes langchain lark lightgbm litellm llvmlite locust loguru lxml mako
  markdown markdown2 markupsafe marshmallow matplotlib mistune mlflow mock modin more-itertools motor moviepy msgpack multidict mypy mysqlclient natsort
  netaddr networkx nltk nose notebook nox numba numexpr numpy numpyro nuitka oauthlib onnx openai openpyxl optuna orjson packaging pandas pandasql pandera paramiko
  parso passlib patsy peewee pendulum pexpect phonenumbers pika pillow pint pipenv plotly plotnine pluggy poetry polars portalocker pony
  praw prophet protobuf psutil psycopg psycopg2 psycopg2-binary pulp py7zr pyaml pyarrow pyasn1 pycparser pycryptodome pydantic pydantic-settings pydot pydub pygame
  pygments pyinstaller pyjwt pylint pymc pymongo pymysql pynacl pyodbc pyopenssl pyparsing pypdf pypdf2 pyperclip pyproj pyquery pyserial pyspark pytest
  pytest-cov pytest-mock pytest-xdist python-dateutil python-docx python-dotenv python-jose python-multipart python-pptx python-slugify pytz pywavelets
  pyyaml pyzmq qrcode ray redis regex reportlab requests requests-html requests-oauthlib requests-toolbelt responses retry rich rope ruff scapy scikit-image
  scikit-learn scipy scrapy seaborn selenium sentencepiece sentry-sdk shap shapely simplejson six snowballstemmer sortedcontainers soupsieve spacy sphinx
  sqlalchemy sqlglot sqlmodel sqlparse starlette statsmodels streamlit stripe supabase sympy tables tabulate tenacity tensorboard tensorflow termcolor
  textblob textual thefuzz tiktoken tinydb tokenizers toml tomli tomlkit toolz torch torchaudio torchvision torchx tornado tox tqdm transformers trio
  tweepy twilio twine typer tzlocal ujson umap-learn unidecode urllib3 uvicorn uvloop validators virtualenv waitress watchdog wcwidth websocket-client
  websockets werkzeug wheel wordcloud wrapt xarray xgboost xlrd xlsxwriter xlwt xmltodict xxhash yapf yarl yfinance zarr zeep zstandard
  pedantic aioredis pyttsx3 typed-ast pandas-ta nats-py dataset colour pooch flaml flit hatchling
  types-redis types-six pytest-cover pytest-kind django-ninja django-allauth flask-admin nbdime geocube pyvo specutils lmdb pyahocorasick
  bitsandbytes accelerate pymupdf4llm marimo hypercorn granian litestar robyn msgraph-sdk pyairtable notion-client jira pysaml2 trl unsloth docling-core
`
  .trim()
  .split(/\s+/)

test('more than 150 real packages are never taken for a slip', () => {
  expect(new Set(REAL).size).toBeGreaterThan(150)
  const refused = REAL.flatMap((name) => {
    const refusal = judgePackage(name, POLICY)
    return refusal ? [`${name}: ${refusal.why} ${refusal.suggestion}`] : []
  })
  expect(refused).toEqual([])
})

test.each([
  ['', '', 0],
  ['abc', 'abc', 0],
  ['abc', 'abd', 1],
  ['abc', 'acb', 1],
  ['abc', 'ab', 1],
  ['abc', 'abcd', 1],
  ['ca', 'abc', 3],
  ['abcd', 'badc', 2],
  ['abc', 'xyz', 3],
])('from %j to %j it is %i', (a, b, distance) => {
  expect(editDistance(a, b, 2)).toBe(distance)
  expect(editDistance(b, a, 2)).toBe(distance)
})
