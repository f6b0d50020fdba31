/** The base image of container/Dockerfile; its tag is the version of @cloudflare/sandbox. */
export const SANDBOX_IMAGE = 'cloudflare/sandbox:0.12.10-python'
