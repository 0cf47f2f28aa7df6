import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';
import { createElement as h, useMemo, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import { createGraphiQLFetcher } from '@graphiql/toolkit';

const defaultQuery = `{
  viewer {
    tenant { id name }
    scopes
  }
}
`;

// The key lives in this variable of the page and goes with it.
function Playground() {
  const [uses, setUses] = useState(0);
  const key = useRef('');
  const fetcher = useMemo(() => createGraphiQLFetcher({
    url: '/graphql',
    fetch: (address, options) => fetch(address, {
      ...options,
      credentials: key.current ? 'omit' : 'same-origin',
      headers: key.current ? { ...options.headers, Authorization: `Bearer ${key.current}` } : options.headers,
    }),
  }), [uses]);
  const use = (event) => {
    event.preventDefault();
    key.current = event.target.elements.key.value.trim();
    event.target.reset();
    setUses((n) => n + 1);
  };
  return h('div', { className: 'playground' },
    h('form', { className: 'caller', onSubmit: use, autoComplete: 'off' },
      h('label', null, 'API key ', h('input', { name: 'key', type: 'password', autoComplete: 'off', placeholder: 'lk_…' })),
      h('button', null, 'Use'),
      h('span', { role: 'status' }, key.current ? 'Calls with the key. It is forgotten with this page.' : 'Calls with your session, if you are signed in.')),
    h('div', { className: 'explorer' }, h(GraphiQL, { key: uses, fetcher, defaultQuery, shouldPersistHeaders: false })));
}

createRoot(document.getElementById('playground')).render(h(Playground));
