/** One package in the image, wherever it came from. */
interface Component {
  readonly kind: 'deb' | 'npm' | 'generic'
  readonly name: string
  readonly version: string
  readonly architecture: string | null
  /** An SPDX expression, as the package itself declares it. */
  readonly license: string | null
}

/** What the list is about. */
export interface ImageFacts {
  readonly version: string
  readonly revision: string
  /** ISO 8601, in UTC: that of the commit, so that the same commit gives the same list. */
  readonly created: string
  readonly nodeVersion: string
  /** As `/etc/os-release` has them. */
  readonly distribution: { readonly id: string; readonly version: string }
}

/** How `dpkg-query --showformat` has to print each package. */
export const DPKG_FORMAT = '$' + '{db:Status-Status}\t$' + '{Package}\t$' + '{Version}\t$' + '{Architecture}\n'

/** The packages that dpkg calls installed. Throws for a line that is not of DPKG_FORMAT. */
export function debianComponents(dpkgOutput: string): readonly Component[] {
  const lines = dpkgOutput.split('\n').filter(line => line !== '')
  return lines.flatMap(line => {
    const [status, name, version, architecture, ...more] = line.split('\t')
    if (!name || !version || !architecture || more.length > 0)
      throw new Error(`dpkg-query: "${line}"; expected four columns`)
    return status === 'installed' ? [{ kind: 'deb', name, version, architecture, license: null }] : []
  })
}

interface InstalledPackage {
  readonly name?: string
  readonly version: string
  readonly license?: string
}

/** The packages in `node_modules/.package-lock.json`, which is what npm writes of what it has installed. */
export function npmComponents(lockfile: string): readonly Component[] {
  const { packages } = JSON.parse(lockfile) as { readonly packages: Readonly<Record<string, InstalledPackage>> }
  const found = Object.entries(packages).map(([path, { name, version, license }]): Component => {
    const installedAs = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return { kind: 'npm', name: name ?? installedAs, version, architecture: null, license: license ?? null }
  })
  // One package may lie in several folders.
  return [...new Map(found.map(each => [`${each.name}@${each.version}`, each])).values()]
}

/** A list of all that is in the image, as SPDX 2.3 in JSON: https://spdx.github.io/spdx-spec/v2.3/ */
export function spdxDocument(components: readonly Component[], facts: ImageFacts): object {
  const { version, revision, created, nodeVersion } = facts
  const name = `backup-container-${version}`
  const image: Component = {
    ...{ kind: 'generic', name: 'backup-container', version, architecture: null },
    license: 'Apache-2.0',
  }
  const node: Component = {
    ...{ kind: 'generic', name: 'node', version: nodeVersion, architecture: null },
    license: 'MIT',
  }
  const [root, ...parts] = [image, node, ...components].map(component => spdxPackage(component, facts))
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: `https://spdx.org/spdxdocs/${name}-${revision}`,
    creationInfo: { created, creators: ['Tool: backup-container scripts/release'] },
    packages: [root, ...parts],
    relationships: [
      relationship('SPDXRef-DOCUMENT', 'DESCRIBES', root?.SPDXID ?? ''),
      ...parts.map(part => relationship(root?.SPDXID ?? '', 'CONTAINS', part.SPDXID)),
    ],
  }
}

function spdxPackage(component: Component, facts: ImageFacts) {
  const { kind, name, version, architecture, license } = component
  const suffix = architecture === null ? '' : `-${architecture}`
  return {
    SPDXID: `SPDXRef-${kind}-${idText(`${name}-${version}${suffix}`)}`,
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: license ?? 'NOASSERTION',
    copyrightText: 'NOASSERTION',
    externalRefs: [
      { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl(component, facts) },
    ],
  }
}

/** Ids have letters, digits, dots and hyphens only; what else there is must not make two names one. */
function idText(text: string): string {
  return text.replace(/[^A-Za-z0-9.-]/g, each => `.x${each.codePointAt(0)?.toString(16)}.`)
}

/** https://github.com/package-url/purl-spec: what scanners look vulnerabilities up by. */
function purl({ kind, name, version, architecture }: Component, { distribution }: ImageFacts): string {
  const at = `@${encodeURIComponent(version)}`
  switch (kind) {
    case 'deb':
      return `pkg:deb/${distribution.id}/${encodeURIComponent(name)}${at}?arch=${architecture}&distro=${distribution.id}-${distribution.version}`
    case 'npm':
      return `pkg:npm/${name.split('/').map(encodeURIComponent).join('/')}${at}`
    case 'generic':
      return `pkg:generic/${name}${at}`
  }
}

function relationship(spdxElementId: string, relationshipType: string, relatedSpdxElement: string) {
  return { spdxElementId, relationshipType, relatedSpdxElement }
}
