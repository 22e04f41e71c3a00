/** Pure: the policy of a bucket, which is one for all that is in the bucket, as commands of the AWS CLI. */
import type { Grant } from '../../providers/s3/needs/grants.ts'
import { awsLine } from './aws-words.ts'
import { policyText, statementsText } from './documents.ts'
import { lineOf } from './holes.ts'
import type { Step } from './shell-commands.ts'
import { isTooLarge } from './size-notes.ts'

/** Adds statements to a policy that is there: putting one in its place would take away what it allows others. */
export function putBucketPolicy(grant: Grant & { kind: 'bucket' }): Step {
  const { bucket, account, region, statements } = grant
  const of = [`--bucket=${bucket}`]
  const place = { account, ...(region === undefined ? {} : { region }) }
  if (isTooLarge(grant)) {
    const message = `no policy of bucket ${bucket} has room for what is needed: see the notes`
    return { words: 'The policy of the bucket would be too large.', line: `${told(message)}; false`, ...place }
  }
  const get = awsLine(region, 's3api', 'get-bucket-policy', [...of, '--query=Policy', '--output=text'])
  const put = awsLine(region, 's3api', 'put-bucket-policy', of)
  const sid = statements[0]?.statement.Sid ?? ''
  return {
    words:
      'Let the identity of the other account in. The statements are added to those that the policy of the bucket has already.',
    line: `if found=$(${get} 2>/dev/null); then
  case $found in
  *${lineOf([`"${sid}"`])}*) ;;
  *)
    rest=\${found#*'"Statement"'}
    case \${rest%%[[]*} in
    *[!:[:space:]]*) ${told('the policy of the bucket has no list of statements: add the statements by hand')}; false ;;
    *) ${put} --policy="\${found%"$rest"}:["${lineOf([statementsText(statements)])}",\${rest#*[[]}" ;;
    esac ;;
  esac
elif ${get} 2>&1 | grep -q NoSuchBucketPolicy; then
  ${put} ${lineOf(['--policy', policyText(statements)])}
else
  ${get}
fi`,
    ...place,
  }
}

const told = (message: string): string => `echo ${lineOf([message])} >&2`
