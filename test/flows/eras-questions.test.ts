import { expect, test } from 'vitest';
import { talkative } from '../workspaces/talkative.ts';
import { inEveryPair, NAME } from './era-pairs.ts';
import { text } from './world.ts';

inEveryPair(({ connect, isModern, speaks, place }) => {
  test('the person, the model and the client are asked, in one round or several', async () => {
    const client = await connect(talkative);
    expect(await text(client, 'ask', { question: 'Sure?' })).toBe(`${NAME}: re: Sure?`);
    expect(await text(client, 'ask', { question: 'Sure?', stateless: true })).toBe(`${NAME}: re: Sure?`);
    expect(await text(client, 'interview', { questions: ['a', 'b', 'c'] })).toBe(
      `${NAME}: re: a, re: b, re: c`,
    );
    expect(await text(client, 'sample', { text: 'Go on' })).toBe(`${NAME}: made up`);
    expect(JSON.parse(await text(client, 'roots'))).toMatchObject({ roots: ['file:///home/ada'] });
    expect(JSON.parse(await text(client, 'survey', { question: 'Well?', text: 'Go on' }))).toEqual({
      workspace: NAME,
      answer: 're: Well?',
      made: 'made up',
      roots: ['file:///home/ada'],
    });
    expect(await text(client, 'later', { rounds: 2 })).toBe(`${NAME}: ready after 2`);
    await client.close();
  });

  test('a prompt and a note can ask the person too', async () => {
    const client = await connect(talkative);
    const { messages } = await client.getPrompt({ name: 'greet' });
    expect(messages[0]?.content).toMatchObject({
      text: `${NAME}: say hello to re: Who is to be greeted?`,
    });
    const { contents } = await client.readResource({ uri: `note://${NAME}/locked` });
    expect(contents[0]).toMatchObject({ text: `${NAME}: opened with re: What is the key?` });
    await client.close();
  });

  test('what the person declines is declined', async () => {
    const client = await connect((fresh) =>
      fresh.setRequestHandler('elicitation/create', () => ({ action: 'decline' })),
    );
    expect(await text(client, 'ask', { question: 'Sure?' })).toBe(`${NAME}: decline`);
    await client.close();
  });

  test('several calls ask at once, and no answer goes to another call', async () => {
    const client = await connect(talkative);
    const asked = (): Promise<string[]> =>
      Promise.all(['one', 'two', 'three'].map((question) => text(client, 'ask', { question })));
    const answers = ['one', 'two', 'three'].map((question) => `${NAME}: re: ${question}`);
    const first = await asked();
    if (isModern && speaks === 'legacy' && place === 'local') {
      // On one pipe a question does not say which call it belongs to; from then on calls take turns.
      for (const [index, answer] of first.entries()) {
        if (answer !== answers[index]) expect(answer).toContain('nobody can tell which of them asks');
      }
      expect(await asked()).toEqual(answers);
    } else {
      expect(first).toEqual(answers);
    }
    await client.close();
  });
});
