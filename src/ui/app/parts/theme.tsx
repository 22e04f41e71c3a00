/** Chooses dark, light, or what the system has. The browser remembers it. */
import { useLayoutEffect, useState } from 'preact/hooks'

const THEMES = ['auto', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]
const KEPT = 'artifactstore-theme'

const TITLES: Readonly<Record<Theme, string>> = { auto: 'as the system', light: 'light', dark: 'dark' }
const ICONS: Readonly<Record<Theme, string>> = {
  auto: 'M8 1.5v13M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM8 4.5a3.5 3.5 0 0 1 0 7',
  light:
    'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 .8v1.6M8 13.6v1.6M.8 8h1.6M13.6 8h1.6M2.9 2.9 4 4M12 12l1.1 1.1M13.1 2.9 12 4M4 12l-1.1 1.1',
  dark: 'M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3Z',
}

const remembered = (): Theme => THEMES.find(theme => theme === localStorage.getItem(KEPT)) ?? 'auto'

export function ThemeButton() {
  const [theme, setTheme] = useState(remembered)
  // Before it is painted: the button must not say what is not so yet.
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = theme
    localStorage.setItem(KEPT, theme)
  }, [theme])
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
  return (
    <button type="button" class="button plain" aria-label={`Colours: ${TITLES[theme]}`} onClick={() => setTheme(next)}>
      <svg viewBox="0 0 16 16" aria-hidden="true" class="icon">
        <path d={ICONS[theme]} />
      </svg>
    </button>
  )
}
