/** Certificates and keys of a test cluster, made in memory and without openssl. */
import './reflect.ts'
import { generateKeyPair, type webcrypto } from 'node:crypto'
import { promisify } from 'node:util'
import * as x509 from '@peculiar/x509'

export interface KeyAndCertificate {
  readonly certPem: string
  readonly keyPem: string
}

export interface CertificateAuthority {
  readonly certPem: string
  /** An authority that this one vouches for. */
  issueAuthority(commonName: string): Promise<CertificateAuthority>
  /** A certificate for a server on this machine. */
  issueServer(commonName: string): Promise<KeyAndCertificate>
  /** A client certificate: Kubernetes reads the user from the common name and the groups from `groups`. */
  issueClient(commonName: string, groups?: readonly string[]): Promise<KeyAndCertificate>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const day = 24 * 60 * 60 * 1000

interface Issuer {
  keys: webcrypto.CryptoKeyPair
  name: x509.JsonName
}

/** `issuer`: who vouches for it. Default: itself. */
export async function createCertificateAuthority(commonName: string, issuer?: Issuer): Promise<CertificateAuthority> {
  const authority = await newKeys()
  const subject: x509.JsonName = [{ CN: [commonName] }]
  const { KeyUsageFlags } = x509
  const by = issuer ?? { keys: authority, name: subject }
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ subject, issuer: by.name, publicKey: authority.publicKey, signingKey: by.keys.privateKey },
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authority.publicKey),
    ],
  })

  async function issue(name: x509.JsonName, usage: x509.ExtendedKeyUsage, more: x509.Extension[] = []) {
    const keys = await newKeys()
    const issued = await x509.X509CertificateGenerator.create({
      subject: name,
      issuer: subject,
      publicKey: keys.publicKey,
      signingKey: authority.privateKey,
      ...validity(),
      extensions: [
        new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
        ...more,
      ],
    })
    return { certPem: `${issued.toString('pem')}\n`, keyPem: await privateKeyPem(keys.privateKey) }
  }

  return {
    certPem: `${certificate.toString('pem')}\n`,
    issueAuthority: name => createCertificateAuthority(name, { keys: authority, name: subject }),
    issueServer: name =>
      issue([{ CN: [name] }], x509.ExtendedKeyUsage.serverAuth, [
        new x509.SubjectAlternativeNameExtension([
          { type: 'ip', value: '127.0.0.1' },
          { type: 'dns', value: 'localhost' },
        ]),
      ]),
    issueClient: (name, groups = []) =>
      issue([...groups.map(group => ({ O: [group] })), { CN: [name] }], x509.ExtendedKeyUsage.clientAuth),
  }
}

/** Creates RSA keys like those of real clusters: many verifiers of ServiceAccount tokens know only RS256. */
export async function createServiceAccountKeys(): Promise<{ privatePem: string; publicPem: string }> {
  const keys = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return { privatePem: keys.privateKey, publicPem: keys.publicKey }
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 30 * day) }
}
