/** The script of pages without figures: the switch between light and dark. */
import { themeSwitch } from '../../browser/theme.ts'

themeSwitch(document.getElementById('theme')!)
