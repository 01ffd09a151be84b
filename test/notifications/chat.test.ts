import { expect, test } from 'vitest'
import { chatBody } from '../../src/notifications/chat.ts'
import { shown } from '../../src/notifications/wording/message.ts'
import { settings } from './samples.ts'

const MESSAGE = {
  level: 'ERROR' as const,
  title: ['Backup: 1 of 2 backed up, 1 FAILED'],
  lines: [['- ', shown('a&b=c/tob'), ' FAILED'], ['12 s']],
}

test('the form is that of the bash tool, with exactly its content type', () => {
  const { contentType, body } = chatBody(MESSAGE, 'form', settings())

  expect(contentType).toBe('application/x-www-form-urlencoded')
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
    projectFriendlyName: 'Wallet (production)',
    projectName: 'a1b2c3-prod',
    statusCode: 'ERROR',
    message: 'Backup: 1 of 2 backed up, 1 FAILED\n- `a&b=c/tob` FAILED\n12 s',
  })
})

test('the JSON has what chat servers show by themselves, and the four fields', () => {
  const { contentType, body } = chatBody(
    MESSAGE,
    'json',
    settings({ consoleUrl: 'https://console.example.org/a1b2c3' }),
  )

  expect(contentType).toBe('application/json')
  expect(JSON.parse(body)).toEqual({
    text: 'Wallet (production): Backup: 1 of 2 backed up, 1 FAILED',
    attachments: [
      {
        color: '#c62828',
        title: 'ERROR Wallet (production)',
        title_link: 'https://console.example.org/a1b2c3',
        text: '- `a&b=c/tob` FAILED\n12 s',
        fields: [],
      },
    ],
    projectFriendlyName: 'Wallet (production)',
    projectName: 'a1b2c3-prod',
    statusCode: 'ERROR',
    message: 'Backup: 1 of 2 backed up, 1 FAILED\n- `a&b=c/tob` FAILED\n12 s',
    consoleUrl: 'https://console.example.org/a1b2c3',
  })
})

test('an environment without a name leaves no gap', () => {
  const { body } = chatBody(MESSAGE, 'json', settings({ environmentName: null, environmentFriendlyName: null }))

  expect(JSON.parse(body)).toMatchObject({
    text: 'Backup: 1 of 2 backed up, 1 FAILED',
    attachments: [{ title: 'ERROR' }],
    projectFriendlyName: '',
    projectName: '',
  })
})
